namespace VfioPm;

/// <summary><c>VFIO_DEVICE_GET_IRQ_INFO</c> (<c>vfio_pci_ioctl_get_irq_info()</c>).</summary>
internal sealed class IrqInfoRequest(uint index, uint argumentSize) : VfioRequest
{
    private VfioIrqInfo _info;

    public override string What => "user asks about interrupts";

    public VfioIrqInfo Info => _info;

    /// <inheritdoc cref="FeatureRequest.CopyFrom"/>
    public static IrqInfoRequest? CopyFrom(UserMemory argument) =>
        argument.TryCopyFrom(out IrqInfoStructure given) ? new IrqInfoRequest(given.Index, given.ArgumentSize) : null;

    public override KernelCall<int> Execute(VfioSession session) =>
        session.Interrupts.GetInfo(index, argumentSize, out _info);

    public override int CopyBack(int result, UserMemory argument, VfioRules rules)
    {
        if (result >= 0)
        {
            argument.TryCopyTo<IrqInfoStructure>(0, [new(argumentSize, (uint)Info.Flags, index, (uint)Info.Count)]);
        }

        return result;
    }

    public override VfioRequest Fork(ForkContext fork) => new IrqInfoRequest(index, argumentSize);

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(index);
        hash.Add(argumentSize);
    }
}
