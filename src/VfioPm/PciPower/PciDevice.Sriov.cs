namespace VfioPm;

// Physical and virtual functions (drivers/pci/iov.c).
public sealed partial class PciDevice
{
    /// <summary>A physical function's virtual functions, or null for any other.</summary>
    public PciSriov? Sriov { get; private set; }

    /// <summary>The physical function of a virtual one, or null (<c>pci_physfn()</c>).</summary>
    public PciDevice? PhysicalFunction { get; }

    /// <summary>Whether it is a virtual function (<c>is_virtfn</c>).</summary>
    public bool IsVirtualFunction => PhysicalFunction is not null;

    /// <summary>
    /// The vendor ID that the kernel holds: a virtual function's own register reads FFFF, it has the physical
    /// function's.
    /// </summary>
    public ushort VendorId =>
        (ushort)(Hardware.PhysicalFunction ?? Hardware).Configuration.Read(PciRegisters.VendorId, 2);

    /// <summary>The device ID that the kernel holds: a virtual function's is in the SR-IOV capability.</summary>
    public ushort DeviceId => Hardware.PhysicalFunction?.Sriov?.VfDeviceId
        ?? (ushort)Hardware.Configuration.Read(PciRegisters.DeviceId, 2);

    /// <summary>
    /// The function is no more (<c>pci_stop_and_remove_bus_device()</c>): its driver gives it up, and the bridge above
    /// forgets it.
    /// </summary>
    internal async KernelCall StopAndRemove()
    {
        SetPmeActive(false);
        await DriverBinding.Release(this);
        await PmRuntime.Remove(RuntimePm);
        Hardware.PowerStateListener = null;
        Hardware.InterruptReceiver = null;
        Upstream?._downstream.Remove(this);
        Upstream?.ReconsiderBridgeD3();
    }

    /// <summary>Only a total of virtual functions makes a physical function (<c>pci_iov_init()</c>).</summary>
    private PciSriov? FindSriov() =>
        Hardware.Sriov is { TotalVfs: > 0 } capability ? new PciSriov(this, capability) : null;
}
