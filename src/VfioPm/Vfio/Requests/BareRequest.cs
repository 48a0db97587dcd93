namespace VfioPm;

/// <summary>An ioctl by its number, with a null pointer for its argument.</summary>
internal sealed class BareRequest(VfioIoctl number) : VfioRequest
{
    public override string What => "user calls an ioctl";

    public override KernelCall<KernelResult> Execute(VfioSession session) => number switch
    {
        VfioIoctl.DeviceReset => session.Reset(),
        VfioIoctl.DeviceGetInfo
            or VfioIoctl.DeviceGetRegionInfo
            or VfioIoctl.DeviceGetIrqInfo
            or VfioIoctl.DeviceSetIrqs
            or VfioIoctl.DeviceGetPciHotResetInfo
            or VfioIoctl.DevicePciHotReset
            or VfioIoctl.DeviceIoEventFd
            or VfioIoctl.DeviceFeature => (KernelResult)Errno.EFAULT,
        _ => (KernelResult)Errno.ENOTTY,
    };

    public override void AddTo(ref StateHash hash) => hash.Add((int)number);
}
