namespace VfioPm;

/// <summary>
/// <c>VFIO_DEVICE_GET_REGION_INFO</c> (<c>vfio_pci_ioctl_get_region_info()</c>); whether there is a ROM the function has to
/// say.
/// </summary>
internal sealed class RegionInfoRequest(uint index, uint argumentSize) : VfioRequest
{
    private const ushort MsiXMappable = 3;

    private VfioRegionInfo _info;

    public override string What => "user asks about a region";

    public VfioRegionInfo Info => _info;

    /// <inheritdoc cref="FeatureRequest.CopyFrom"/>
    public static RegionInfoRequest? CopyFrom(UserMemory argument) =>
        argument.TryCopyFrom(out RegionInfoStructure given) ? new RegionInfoRequest(given.Index, given.ArgumentSize) : null;

    public override async KernelCall<int> Execute(VfioSession session)
    {
        bool isRomThere = index == VfioRegion.Rom
            && argumentSize >= VfioRegionInfo.LeastArgumentSize
            && await session.HoldsRom();
        return session.Regions.GetInfo(index, argumentSize, isRomThere, out _info);
    }

    public override int CopyBack(int result, UserMemory argument, VfioRules rules)
    {
        if (result < 0)
        {
            return result;
        }

        if (Info.IsMsiXMappable && !argument.TryCopyTo<CapabilityStructure>(
            (int)VfioRegionInfo.LeastArgumentSize, [new(MsiXMappable, 1, 0)]))
        {
            return -Errno.EFAULT;
        }

        // Without capabilities the user's own offset of them comes back.
        argument.TryCopyFrom(out RegionInfoStructure structure);
        argument.TryCopyTo<RegionInfoStructure>(0, [structure with
        {
            ArgumentSize = Info.ArgumentSize,
            Flags = (uint)Info.Flags,
            CapabilityOffset = Info.IsMsiXMappable ? VfioRegionInfo.LeastArgumentSize
                : (Info.Flags & VfioRegionFlags.Capabilities) != 0 ? 0
                : structure.CapabilityOffset,
            Size = Info.Size,
            Offset = Info.Offset,
        }]);
        return result;
    }

    public override VfioRequest Fork(ForkContext fork) => new RegionInfoRequest(index, argumentSize);

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(index);
        hash.Add(argumentSize);
    }
}
