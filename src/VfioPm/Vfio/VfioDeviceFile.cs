namespace VfioPm;

/// <summary>
/// What a VMM holds of an opened device: its file descriptor (<c>VFIO_GROUP_GET_DEVICE_FD</c>,
/// <c>VFIO_DEVICE_BIND_IOMMUFD</c>). Disposing it closes the device.
/// </summary>
public sealed partial class VfioDeviceFile : IPlaced, IDisposable
{
    // To number those of all files.
    private const int MostMappings = 1 << 8;

    // Calls that are under way hold the file (fdget()), so that it is released when the last of them returns.
    private int _callsUnderWay;

    internal VfioDeviceFile(VfioSession session, VfioCdev? cdev)
    {
        Session = session;
        Cdev = cdev;
        Kernel = session.Pci.Core.Kernel;
        Config = new VfioConfigRegion(this);
    }

    private VfioDeviceFile(VfioDeviceFile original, ForkContext fork)
    {
        fork.Register(original, this);
        _callsUnderWay = original._callsUnderWay;
        Session = fork.Of(original.Session);
        Cdev = fork.OfNullable(original.Cdev);
        Kernel = fork.Of(original.Kernel);
        Config = new VfioConfigRegion(this);
        IsClosed = original.IsClosed;
        fork.CopyAll(original._mappings, _mappings);
    }

    /// <summary>The device behind the file.</summary>
    public VfioPciDevice Device => Session.Device;

    /// <summary>The character device that it was opened by; null where that was its group.</summary>
    public VfioCdev? Cdev { get; }

    /// <summary>Configuration space as the user, and so the guest, sees it.</summary>
    public VfioConfigRegion Config { get; }

    /// <summary>Whether the descriptor was closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>What there is of the device while it is open.</summary>
    internal VfioSession Session { get; }

    int INumbered.Index => Device.NumberOf(this);

    private Kernel Kernel { get; }

    /// <summary>
    /// Closes the file; the last close resets the device where that is possible. What is mapped, and a call that is under way,
    /// keeps the device open for its time.
    /// </summary>
    public void Close()
    {
        using KernelEntry entry = KernelEntry.Call(Kernel, Device.Pci.Name);
        entry.Run(CloseDescriptor());
    }

    /// <summary>Begins <see cref="Close"/>.</summary>
    public PendingCall BeginClose()
    {
        using KernelEntry entry = KernelEntry.Begin(Kernel, Device.Pci.Name);
        return entry.Start(CloseDescriptor());
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    IForkable IForkable.Fork(ForkContext fork) => new VfioDeviceFile(this, fork);

    internal int NumberOf(VfioMapping mapping) => (Device.NumberOf(this) * MostMappings) + _mappings.IndexOf(mapping);

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_callsUnderWay);
        hash.Add(IsClosed);
        hash.Add(_mappings.Count);
        foreach (VfioMapping mapping in _mappings)
        {
            mapping.AddTo(ref hash);
        }
    }

    internal async KernelCall<int> CloseDescriptor()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            await ReleaseIfUnused();
        }

        return 0;
    }

    /// <summary>A user's call begins.</summary>
    /// <param name="what">What the user does, as the cause of what follows.</param>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    private void BeginCall(string what)
    {
        CheckOpen();
        _callsUnderWay++;
        Kernel.Because(what, Device.Pci.Name);
    }

    /// <summary>The call that held the device is through with it.</summary>
    private KernelCall ReleaseDevice(UserCalls call)
    {
        Device.TellUserCall();
        return Device.Power.EndUserCall(call);
    }

    private KernelCall EndCall()
    {
        _callsUnderWay--;
        return ReleaseIfUnused();
    }

    private void CheckOpen()
    {
        if (IsClosed)
        {
            throw new ObjectDisposedException(nameof(VfioDeviceFile), $"{Device.Pci.Name} was closed.");
        }
    }

    /// <summary>The mappings hold the file as a descriptor does (<c>vfio_device_fops_release()</c>).</summary>
    private KernelCall ReleaseIfUnused() => IsClosed && _mappings.Count == 0 && _callsUnderWay == 0
        ? Device.Close(this)
        : KernelCall.Returned;
}
