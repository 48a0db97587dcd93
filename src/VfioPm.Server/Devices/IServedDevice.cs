namespace VfioPm.Server;

/// <summary>What a client gets to use: a function by way of vfio-pci, or the function itself.</summary>
internal interface IServedDevice
{
    /// <summary>What the device is (<c>VFIO_DEVICE_GET_INFO</c>).</summary>
    Task<Answer> GetInfo(CancellationToken stop);

    /// <summary>What a region is (<c>VFIO_DEVICE_GET_REGION_INFO</c>). None can be mapped.</summary>
    Task<Answer> GetRegionInfo(uint index, CancellationToken stop);

    /// <summary>What an interrupt index is (<c>VFIO_DEVICE_GET_IRQ_INFO</c>).</summary>
    Task<Answer> GetIrqInfo(uint index, CancellationToken stop);

    /// <summary>Sets interrupts up, signals, masks or unmasks them (<c>VFIO_DEVICE_SET_IRQS</c>).</summary>
    /// <param name="request">What to do.</param>
    /// <param name="bools">The data of <c>VFIO_IRQ_SET_DATA_BOOL</c>.</param>
    /// <param name="eventFds">
    /// The eventfds of <c>VFIO_IRQ_SET_DATA_EVENTFD</c>, which are the device's from now on: one for each interrupt, or
    /// none to give up what there was.
    /// </param>
    /// <param name="stop">Ends the wait.</param>
    Task<Answer> SetIrqs(
        IrqSetStructure request,
        ReadOnlyMemory<byte> bools,
        IReadOnlyList<NativeDescriptor> eventFds,
        CancellationToken stop);

    /// <summary>Reads a region.</summary>
    /// <returns>How many bytes were read, or an error.</returns>
    Task<KernelResult> Read(RegionAccessStructure access, Memory<byte> buffer, CancellationToken stop);

    /// <summary>Writes to a region.</summary>
    /// <returns>How many bytes were taken, or an error.</returns>
    Task<KernelResult> Write(RegionAccessStructure access, ReadOnlyMemory<byte> bytes, CancellationToken stop);

    /// <summary>Resets the device (<c>VFIO_DEVICE_RESET</c>).</summary>
    Task<Answer> Reset(CancellationToken stop);

    /// <summary>Probes, reads or writes a feature (<c>VFIO_DEVICE_FEATURE</c>).</summary>
    /// <param name="request">The whole argument.</param>
    /// <param name="eventFd">The descriptor that came with it, which is the device's from now on, or null.</param>
    /// <param name="stop">Ends the wait.</param>
    Task<Answer> Feature(ReadOnlyMemory<byte> request, NativeDescriptor? eventFd, CancellationToken stop);

    /// <summary>The host wants the device back: the client is asked for it (<c>VFIO_PCI_REQ_IRQ_INDEX</c>).</summary>
    void AskBack();

    /// <summary>The client is gone: its eventfds are given back, the device stays as it is.</summary>
    void Forget();
}
