using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace VfioPm.Server;

/// <summary>A file descriptor of this process, which a client sent.</summary>
internal sealed class NativeDescriptor : SafeHandleMinusOneIsInvalid
{
    public NativeDescriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>Whether it is an eventfd; only to one of those is anything ever written.</summary>
    public bool IsEventFd => new FileInfo($"/proc/self/fd/{handle}").LinkTarget == "anon_inode:[eventfd]";

    /// <summary>Adds to the counter of an eventfd (<c>write()</c>), unless that would have to wait for its reader.</summary>
    public unsafe void Signal(ulong count)
    {
        var wanted = new pollfd { fd = (int)handle, events = LibC.POLLOUT };
        if (LibC.poll(&wanted, 1, 0) == 1 && (wanted.revents & LibC.POLLOUT) != 0)
        {
            LibC.write((int)handle, &count, sizeof(ulong));
        }
    }

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
