namespace VfioPm;

/// <summary><c>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO</c> (<c>vfio_pci_ioctl_get_pci_hot_reset_info()</c>).</summary>
internal sealed class HotResetInfoRequest(uint argumentSize) : VfioRequest
{
    public override string What => "user asks what a hot reset resets";

    public HotResetInfo Info { get; private set; } = HotResetInfo.Empty;

    /// <inheritdoc cref="FeatureRequest.CopyFrom"/>
    public static HotResetInfoRequest? CopyFrom(UserMemory argument) =>
        argument.TryCopyFrom(out HotResetInfoStructure header) ? new HotResetInfoRequest(header.ArgumentSize) : null;

    public override async KernelCall<int> Execute(VfioSession session)
    {
        if (argumentSize < HotResetInfo.HeaderSize)
        {
            return -Errno.EINVAL;
        }

        if (session.Pci.Upstream is not { } bridge || !BusReset.IsResettable(bridge))
        {
            return -Errno.ENODEV;
        }

        int count = bridge.CountBelow();
        Info = new HotResetInfo(count, []);
        if (count > (argumentSize - HotResetInfo.HeaderSize) / HotResetInfo.DeviceSize)
        {
            return -Errno.ENOSPC;
        }

        using LockScope held = session.Device.Rules.FillsHotResetInfoLocked ? await session.Device.Set.Lock.Lock() : default;
        Info = session.Device.Iommufd is { } iommufd
            ? HotResetInfo.OfDevices(Identify(FunctionsBelow(bridge), session.Device.Set, iommufd))
            : new HotResetInfo(count, FunctionsBelow(bridge));
        return 0;
    }

    /// <summary>The count comes first, or last, and then not where there is no memory for the functions.</summary>
    public override int CopyBack(int result, UserMemory argument, VfioRules rules)
    {
        if (result < 0 && result != -Errno.ENOSPC)
        {
            return result;
        }

        bool fits = result < 0 || argument.TryCopyTo<DependentDeviceStructure>(
            (int)HotResetInfo.HeaderSize, [.. Info.Devices.Select(StructureOf)]);
        if (fits || !rules.FillsHotResetInfoLocked)
        {
            argument.TryCopyTo<HotResetInfoStructure>(0, [new(argumentSize, (uint)Info.Flags, (uint)Info.Count)]);
        }

        return fits ? result : -Errno.EFAULT;
    }

    public override VfioRequest Fork(ForkContext fork) => new HotResetInfoRequest(argumentSize);

    public override void AddTo(ref StateHash hash) => hash.Add(argumentSize);

    private static DependentDeviceStructure StructureOf(DependentDevice device) => new(
        (uint)(device.DeviceId ?? device.Group.Number),
        (ushort)device.Address.Domain,
        device.Address.Bus,
        (byte)device.Address.RequesterId);

    /// <summary>A function that is not of the set cannot be reset with it, whoever has it (<c>vfio_pci_fill_devs()</c>).</summary>
    private static DependentDevice[] Identify(List<DependentDevice> functions, DeviceSet set, Iommufd iommufd) =>
    [
        .. functions.Select(function => function with
        {
            DeviceId = set.Members.FirstOrDefault(member => member.Pci.Address == function.Address)?.FindIn(iommufd) ?? DependentDevice.NotOwned,
        }),
    ];

    private static List<DependentDevice> FunctionsBelow(PciDevice bridge)
    {
        List<DependentDevice> devices = [];
        bridge.ForEachBelow<PciDevice>(below => devices.Add(new DependentDevice(new VfioGroup(below.IommuGroup), below.Address)));
        return devices;
    }
}
