namespace VfioPm;

/// <summary><c>VFIO_DEVICE_GET_INFO</c> (<c>vfio_pci_ioctl_get_info()</c>).</summary>
internal sealed class DeviceInfoRequest(uint argumentSize) : VfioRequest
{
    private const ushort AtomicCompletion = 5;

    public override string What => "user asks about the device";

    public override UserCalls Kind => UserCalls.IoctlsBelievedSafe;

    public VfioDeviceInfo Info { get; private set; }

    /// <inheritdoc cref="FeatureRequest.CopyFrom"/>
    public static DeviceInfoRequest? CopyFrom(UserMemory argument) =>
        argument.TryCopyFrom(out DeviceInfoStart given) ? new DeviceInfoRequest(given.ArgumentSize) : null;

    public override KernelCall<int> Execute(VfioSession session)
    {
        if (argumentSize < VfioDeviceInfo.LeastArgumentSize)
        {
            return -Errno.EINVAL;
        }

        VfioAtomicOps atomics = session.Device.Rules.DeviceInfo.HasAtomicOps
            ? (VfioAtomicOps)AtomicOps.EnableWhatCompletes(session.Pci)
            : VfioAtomicOps.None;
        Info = VfioDeviceInfo.Of(session.ResetWorks, atomics, argumentSize);
        return 0;
    }

    public override int CopyBack(int result, UserMemory argument, VfioRules rules)
    {
        if (result < 0)
        {
            return result;
        }

        bool hasCapability = Info.AtomicOps != VfioAtomicOps.None;
        if (hasCapability && !argument.TryCopyTo<AtomicCompletionStructure>(
            (int)VfioDeviceInfo.StructureSize,
            [new(new CapabilityStructure(AtomicCompletion, 1, 0), (uint)Info.AtomicOps, 0)]))
        {
            return -Errno.EFAULT;
        }

        var structure = new DeviceInfoStructure(
            new DeviceInfoStart(Info.ArgumentSize, (uint)Info.Flags, (uint)Info.Regions, (uint)Info.Interrupts),
            hasCapability ? VfioDeviceInfo.StructureSize : 0,
            Padding: 0);
        return argument.TryCopyTo(0, structure, rules.DeviceInfo.LengthFor(argumentSize)) ? result : -Errno.EFAULT;
    }

    public override VfioRequest Fork(ForkContext fork) => new DeviceInfoRequest(argumentSize);

    public override void AddTo(ref StateHash hash) => hash.Add(argumentSize);
}
