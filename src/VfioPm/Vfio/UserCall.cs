namespace VfioPm;

/// <summary>
/// The time of a user's call into the kernel, from its beginning to its end: the host's lock is held, and the device as
/// far as the kernel does that.
/// </summary>
internal readonly ref struct UserCall
{
    private readonly VfioPciDevice _device;

    /// <summary>Begins a call on an open file.</summary>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public UserCall(VfioDeviceFile file)
    {
        _device = file.Device;
        Monitor.Enter(_device.Pci.Core.Clock.Gate);
        if (file.IsClosed)
        {
            Monitor.Exit(_device.Pci.Core.Clock.Gate);
            throw new ObjectDisposedException(nameof(VfioDeviceFile), $"{_device.Pci.Name} was closed.");
        }

        KernelResult result = _device.Rules.Power.BeginUserCall(_device);
        Failure = result.IsError ? result : null;
    }

    /// <summary>What the call ends with before it began, or null.</summary>
    public KernelResult? Failure { get; }

    public void Dispose()
    {
        if (Failure is null)
        {
            _device.Rules.Power.EndUserCall(_device);
        }

        Monitor.Exit(_device.Pci.Core.Clock.Gate);
    }
}
