using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace VfioPm.Server;

/// <summary>A connection on which messages come, and replies go. Whoever breaks the rules ends it.</summary>
internal sealed class MessageSocket : IDisposable
{
    private readonly Socket _socket;
    private readonly TimeProvider _time;

    public MessageSocket(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _socket.Blocking = false;
        _time = time;
    }

    /// <summary>The next message.</summary>
    /// <param name="isAwaited">Whether it has to come soon; elsewise only its end has to, once it has begun.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>Null when the client is gone, or has to go: it sent what is no message, or took too long.</returns>
    public async Task<Message?> Receive(bool isAwaited, CancellationToken stop)
    {
        List<NativeDescriptor> descriptors = [];
        try
        {
            using var hurry = new CancellationTokenSource(isAwaited ? Limits.Patience : Timeout.InfiniteTimeSpan, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, hurry.Token);
            byte[] start = new byte[Header.Length];

            // It has begun when its first byte is here; a socket may be said to be readable for a byte that was read long ago.
            bool hasBegun = await Fill(start.AsMemory(..1), descriptors, either.Token);
            hurry.CancelAfter(Limits.Patience);
            if (hasBegun && await Fill(start.AsMemory(1..), descriptors, either.Token))
            {
                Header header = MemoryMarshal.Read<Header>(start);
                if (header is { IsCommand: true, Size: >= Header.Length and <= Limits.Message })
                {
                    byte[] payload = new byte[header.Size - Header.Length];
                    if (await Fill(payload, descriptors, either.Token))
                    {
                        NativeDescriptor[] taken = [.. descriptors];
                        descriptors.Clear();
                        return new Message(header, payload, taken);
                    }
                }
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // The client is gone.
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The client took too long.
        }
        finally
        {
            descriptors.ForEach(static descriptor => descriptor.Dispose());
        }

        return null;
    }

    /// <summary>Sends a reply.</summary>
    /// <returns>Whether the client took it, and in time.</returns>
    public async Task<bool> Send(Header header, ReadOnlyMemory<byte> payload, CancellationToken stop)
    {
        byte[] bytes = [.. MemoryMarshal.AsBytes(new ReadOnlySpan<Header>(in header)), .. payload.Span];
        try
        {
            using var hurry = new CancellationTokenSource(Limits.Patience, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, hurry.Token);
            for (int sent = 0; sent < bytes.Length;)
            {
                sent += await _socket.SendAsync(bytes.AsMemory(sent), either.Token);
            }

            return true;
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Fills the buffer from what comes, and keeps the descriptors that come with it.</summary>
    /// <returns>Whether it is full; not if the client ends before, or sends too many descriptors.</returns>
    private async Task<bool> Fill(Memory<byte> buffer, List<NativeDescriptor> descriptors, CancellationToken stop)
    {
        while (!buffer.IsEmpty)
        {
            int received = ReceiveNow(buffer.Span, descriptors);
            if (received == 0 || descriptors.Count > Limits.Descriptors)
            {
                return false;
            }

            if (received < 0)
            {
                await _socket.ReceiveAsync(Memory<byte>.Empty, stop);
                received = 0;
            }

            buffer = buffer[received..];
        }

        return true;
    }

    /// <summary><c>recvmsg()</c>.</summary>
    /// <returns>How many bytes there were; 0 at the end or for what cannot be received, -1 if there is nothing yet.</returns>
    private unsafe int ReceiveNow(Span<byte> buffer, List<NativeDescriptor> descriptors)
    {
        int space = LibC.CMSG_SPACE(Limits.Descriptors * sizeof(int));
        byte* control = stackalloc byte[space];
        fixed (byte* bytes = buffer)
        {
            var part = new iovec { iov_base = bytes, iov_len = buffer.Length };
            var message = new msghdr { msg_iov = &part, msg_iovlen = 1, msg_control = control, msg_controllen = space };
            long received = (long)LibC.recvmsg(
                (int)_socket.Handle, &message, LibC.MSG_DONTWAIT | LibC.MSG_CMSG_CLOEXEC);
            if (received < 0)
            {
                return LibC.errno is var error && (error == LibC.EAGAIN || error == LibC.EINTR) ? -1 : 0;
            }

            for (cmsghdr* head = LibC.CMSG_FIRSTHDR(&message); head != null; head = LibC.CMSG_NXTHDR(&message, head))
            {
                if (head->cmsg_level == LibC.SOL_SOCKET && head->cmsg_type == LibC.SCM_RIGHTS)
                {
                    int count = ((int)head->cmsg_len - LibC.CMSG_LEN(0)) / sizeof(int);
                    foreach (int number in new ReadOnlySpan<int>(LibC.CMSG_DATA(head), count))
                    {
                        descriptors.Add(new NativeDescriptor(number));
                    }
                }
            }

            // More descriptors than there is room for: the kernel has closed the rest.
            return (message.msg_flags & LibC.MSG_CTRUNC) != 0 ? 0 : (int)received;
        }
    }
}
