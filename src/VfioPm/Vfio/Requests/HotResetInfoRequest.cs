namespace VfioPm;

/// <summary><c>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO</c> (<c>vfio_pci_ioctl_get_pci_hot_reset_info()</c>).</summary>
internal sealed class HotResetInfoRequest(uint argumentSize) : VfioRequest
{
    public override string What => "user asks what a hot reset resets";

    public HotResetInfo Info { get; private set; } = HotResetInfo.Empty;

    public override KernelCall<KernelResult> Execute(VfioSession session) => Answer(session.Pci.Upstream);

    public override VfioRequest Fork(ForkContext fork) => new HotResetInfoRequest(argumentSize);

    public override void AddTo(ref StateHash hash) => hash.Add(argumentSize);

    private KernelResult Answer(PciDevice? bridge)
    {
        if (argumentSize < HotResetInfo.HeaderSize)
        {
            return Errno.EINVAL;
        }

        if (bridge is null)
        {
            return Errno.ENODEV;
        }

        List<DependentDevice> devices = [];
        bridge.ForEachBelow<PciDevice>(below => devices.Add(new DependentDevice(new VfioGroup(below.IommuGroup), below.Address)));
        bool fits = argumentSize >= HotResetInfo.HeaderSize + (devices.Count * HotResetInfo.DeviceSize);
        Info = new HotResetInfo(devices.Count, fits ? devices : []);
        return fits ? KernelResult.Success : Errno.ENOSPC;
    }
}
