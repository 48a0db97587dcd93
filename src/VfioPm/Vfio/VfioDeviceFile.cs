namespace VfioPm;

/// <summary>
/// What a VMM holds of an opened device: its file descriptor (<c>VFIO_GROUP_GET_DEVICE_FD</c>). Disposing it
/// closes the device.
/// </summary>
public sealed partial class VfioDeviceFile : IForkable, IDisposable
{
    internal VfioDeviceFile(VfioPciDevice device)
    {
        Device = device;
        Config = new VfioConfigRegion(this);
    }

    private VfioDeviceFile(VfioDeviceFile original, ForkContext fork)
    {
        fork.Register(original, this);
        Device = fork.Of(original.Device);
        Config = new VfioConfigRegion(this);
        IsClosed = original.IsClosed;
        _mappings.AddRange(original._mappings.Select(fork.Of));
    }

    /// <summary>The device behind the file.</summary>
    public VfioPciDevice Device { get; }

    /// <summary>Configuration space as the user, and so the guest, sees it.</summary>
    public VfioConfigRegion Config { get; }

    /// <summary>Whether the descriptor was closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>
    /// Closes the file; the last close resets the device where that is possible. What is mapped stays, and keeps
    /// the device open.
    /// </summary>
    public void Close()
    {
        lock (Device.Pci.Core.Clock.Gate)
        {
            if (!IsClosed)
            {
                IsClosed = true;
                ReleaseIfUnused();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new VfioDeviceFile(this, fork);
    }
}
