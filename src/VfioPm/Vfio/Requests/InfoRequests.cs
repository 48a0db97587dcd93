namespace VfioPm;

/// <summary><c>VFIO_DEVICE_GET_INFO</c>; without an argument there is nowhere to write the answer.</summary>
internal sealed class DeviceInfoRequest(uint? argumentSize) : VfioRequest
{
    private VfioDeviceInfo _info;

    public override string What => "user asks about the device";

    public VfioDeviceInfo Info => _info;

    public override KernelCall<KernelResult> Execute(VfioSession session) => argumentSize is { } size
        ? VfioDeviceInfo.Get(session.ResetWorks, size, out _info)
        : (KernelResult)Errno.EFAULT;

    public override VfioRequest Fork(ForkContext fork) => new DeviceInfoRequest(argumentSize);

    public override void AddTo(ref StateHash hash) => hash.Add(argumentSize ?? -1L);
}

/// <summary><c>VFIO_DEVICE_GET_REGION_INFO</c>; whether there is a ROM the function has to say.</summary>
internal sealed class RegionInfoRequest(uint index, uint? argumentSize) : VfioRequest
{
    private VfioRegionInfo _info;

    public override string What => "user asks about a region";

    public VfioRegionInfo Info => _info;

    public override async KernelCall<KernelResult> Execute(VfioSession session)
    {
        if (argumentSize is not { } size)
        {
            return Errno.EFAULT;
        }

        bool isRomThere = index == VfioRegion.Rom && await session.HoldsRom();
        return session.Regions.GetInfo(index, size, isRomThere, out _info);
    }

    public override VfioRequest Fork(ForkContext fork) => new RegionInfoRequest(index, argumentSize);

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(index);
        hash.Add(argumentSize ?? -1L);
    }
}

/// <summary><c>VFIO_DEVICE_GET_IRQ_INFO</c>.</summary>
internal sealed class IrqInfoRequest(uint index, uint argumentSize) : VfioRequest
{
    private VfioIrqInfo _info;

    public override string What => "user asks about interrupts";

    public VfioIrqInfo Info => _info;

    public override KernelCall<KernelResult> Execute(VfioSession session) =>
        session.Interrupts.GetInfo(index, argumentSize, out _info);

    public override VfioRequest Fork(ForkContext fork) => new IrqInfoRequest(index, argumentSize);

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(index);
        hash.Add(argumentSize);
    }
}
