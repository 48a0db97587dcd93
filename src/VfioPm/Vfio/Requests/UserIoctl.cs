namespace VfioPm;

/// <summary>
/// An ioctl as user space makes it, a number and memory: the request that the kernel reads from there, whose answer goes
/// back there.
/// </summary>
internal sealed class UserIoctl : VfioRequest
{
    private readonly VfioRequest _request;
    private readonly UserMemory _argument;

    public UserIoctl(uint number, UserMemory argument, DescriptorTable descriptors)
        : this(Read(number, argument, descriptors), argument)
    {
    }

    private UserIoctl(VfioRequest request, UserMemory argument)
    {
        _request = request;
        _argument = argument;
    }

    public override string What => _request.What;

    public override UserCalls Kind => _request.Kind;

    public override int? AnswerAtOnce(VfioRules rules) => _request.AnswerAtOnce(rules);

    public override async KernelCall<int> Execute(VfioSession session)
    {
        int result = await _request.Execute(session);
        return _request.CopyBack(result, _argument, session.Device.Rules);
    }

    public override VfioRequest Fork(ForkContext fork) => new UserIoctl(_request.Fork(fork), fork.Of(_argument));

    public override void AddTo(ref StateHash hash)
    {
        hash.AddKindOf(_request);
        _request.AddTo(ref hash);
        hash.Add(_argument.Bytes);
    }

    /// <summary><c>vfio_pci_core_ioctl()</c>, and what <c>vfio_device_fops_unl_ioctl()</c> answers itself.</summary>
    private static VfioRequest Read(uint number, UserMemory argument, DescriptorTable descriptors)
    {
        VfioRequest? request = (VfioIoctl)number switch
        {
            VfioIoctl.DeviceGetInfo => DeviceInfoRequest.CopyFrom(argument),
            VfioIoctl.DeviceGetRegionInfo => RegionInfoRequest.CopyFrom(argument),
            VfioIoctl.DeviceGetIrqInfo => IrqInfoRequest.CopyFrom(argument),
            VfioIoctl.DeviceSetIrqs => IrqRequest.CopyFrom(argument, descriptors),
            VfioIoctl.DeviceReset => ResetRequest.Instance,
            VfioIoctl.DeviceGetPciHotResetInfo => HotResetInfoRequest.CopyFrom(argument),
            VfioIoctl.DevicePciHotReset => HotResetRequest.CopyFrom(argument, descriptors),
            VfioIoctl.DeviceIoEventFd => IoEventFdRequest.CopyFrom(argument, descriptors),
            VfioIoctl.DeviceFeature => FeatureRequest.CopyFrom(argument, descriptors),
            VfioIoctl.DeviceBindIommufd => BindIommufdRequest.CopyFrom(argument, descriptors) ?? BindIommufdRequest.WithoutArgument,
            VfioIoctl.DeviceAttachIommufdPt => AttachRequest.Attach(argument),
            VfioIoctl.DeviceDetachIommufdPt => AttachRequest.Detach(argument),
            _ => new RefusedRequest(Errno.ENOTTY),
        };
        return request ?? new RefusedRequest(Errno.EFAULT);
    }
}
