using System.Net.Sockets;
using Tmds.Linux;

namespace VfioPm.Tests;

/// <summary>Descriptors as a VMM has them, and sends them.</summary>
internal static unsafe class Descriptors
{
    /// <summary>A new eventfd, which does not block.</summary>
    public static int NewEventFd() => LibC.eventfd(0, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC);

    /// <summary>Takes the counter of an eventfd; 0 where nothing was signalled.</summary>
    public static ulong Take(int eventFd)
    {
        ulong count = 0;
        LibC.read(eventFd, &count, sizeof(ulong));
        return count;
    }

    /// <summary>A pair of sockets, one of them as a bare descriptor.</summary>
    public static (Socket Ours, int Other) NewPair()
    {
        int* pair = stackalloc int[2];
        if (LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_STREAM, 0, pair) != 0)
        {
            throw new IOException($"socketpair() failed with {LibC.errno}.");
        }

        return (new Socket(new SafeSocketHandle(pair[0], ownsHandle: true)) { ReceiveTimeout = 60_000 }, pair[1]);
    }

    public static void Close(int descriptor) => LibC.close(descriptor).Should().Be(0);

    /// <summary>Sends bytes with descriptors (<c>SCM_RIGHTS</c>).</summary>
    public static void Send(Socket socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        byte* control = stackalloc byte[LibC.CMSG_SPACE(Math.Max(descriptors.Length, 1) * sizeof(int))];
        fixed (byte* start = bytes)
        {
            var part = new iovec { iov_base = start, iov_len = bytes.Length };
            var message = new msghdr { msg_iov = &part, msg_iovlen = 1 };
            if (!descriptors.IsEmpty)
            {
                message.msg_control = control;
                message.msg_controllen = LibC.CMSG_SPACE(descriptors.Length * sizeof(int));
                cmsghdr* head = LibC.CMSG_FIRSTHDR(&message);
                head->cmsg_level = LibC.SOL_SOCKET;
                head->cmsg_type = LibC.SCM_RIGHTS;
                // The library rounds CMSG_LEN() up, which would send one more descriptor after an odd number.
                head->cmsg_len = LibC.CMSG_LEN(0) + (descriptors.Length * sizeof(int));
                descriptors.CopyTo(new Span<int>(LibC.CMSG_DATA(head), descriptors.Length));
            }

            if (LibC.sendmsg((int)socket.Handle, &message, LibC.MSG_NOSIGNAL) != bytes.Length)
            {
                throw new IOException($"sendmsg() failed with {LibC.errno}.");
            }
        }
    }
}
