namespace VfioPm;

/// <summary>
/// The time of a user's call into the kernel, from its beginning to its end: the host's lock is held, and the device as
/// far as the kernel does that.
/// </summary>
internal readonly ref struct UserCall
{
    private readonly VfioPciDevice _device;
    private readonly EntryScope _entry;

    /// <summary>Begins a call on an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="what">What the user does, as the cause of what follows.</param>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public UserCall(VfioDeviceFile file, string what)
    {
        _device = file.Device;
        _entry = new EntryScope(_device.Pci.Core.Clock, what, _device.Pci.Name);
        if (file.IsClosed)
        {
            _entry.Dispose();
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
            _device.TellObserver();
            _device.Rules.Power.EndUserCall(_device);
        }

        _entry.Dispose();
    }
}
