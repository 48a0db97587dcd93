namespace VfioPm;

// Interrupts.
public sealed partial class VfioDeviceFile
{
    /// <summary>Asks what an interrupt index is (<c>VFIO_DEVICE_GET_IRQ_INFO</c>).</summary>
    /// <param name="index">Which.</param>
    /// <param name="info">The answer.</param>
    /// <returns>0; -EINVAL for one that the device does not have; -EIO if it cannot be woken.</returns>
    public KernelResult GetIrqInfo(VfioIrqIndex index, out VfioIrqInfo info) =>
        GetIrqInfo((uint)index, VfioIrqInfo.Size, out info);

    /// <summary>The same with an index that may be none, and the caller's <c>argsz</c>.</summary>
    /// <returns>The same, and -EINVAL for an <c>argsz</c> below <see cref="VfioIrqInfo.Size"/>.</returns>
    public KernelResult GetIrqInfo(uint index, uint argumentSize, out VfioIrqInfo info)
    {
        var request = new IrqInfoRequest(index, argumentSize);
        KernelResult result = Ioctl(request);
        info = request.Info;
        return result;
    }

    /// <summary>Sets interrupts up, signals, masks or unmasks them (<c>VFIO_DEVICE_SET_IRQS</c>).</summary>
    /// <returns>
    /// 0; -EINVAL for what makes no sense, does not fit what is set up, or MSI outside of D0; -ENOTTY for an action
    /// that the index does not have; -EBADF for a descriptor that is not open; -EBUSY for a second eventfd that unmasks;
    /// -ERANGE for MSI with no vectors; -ENOMEM for a table of MSI-X that is in no BAR; -EFAULT for data that is not
    /// there; -EIO if the device cannot be woken.
    /// </returns>
    public KernelResult SetIrqs(VfioIrqSet request) => Ioctl(new IrqRequest(request));

    /// <summary>Begins <see cref="SetIrqs"/>.</summary>
    public PendingCall BeginSetIrqs(VfioIrqSet request) => Begin(new IrqRequest(request));

    /// <summary>Has interrupts signal these eventfds, from the first vector on.</summary>
    /// <returns>As <see cref="SetIrqs"/>.</returns>
    public KernelResult EnableIrqs(VfioIrqIndex index, params ReadOnlySpan<FileDescriptor> eventFds) => SetIrqs(
        new VfioIrqSet(
            index, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionTrigger, count: (uint)eventFds.Length)
        {
            EventFds = eventFds,
        });

    /// <summary>Begins <see cref="EnableIrqs"/>.</summary>
    public PendingCall BeginEnableIrqs(VfioIrqIndex index, params ReadOnlySpan<FileDescriptor> eventFds) => BeginSetIrqs(
        new VfioIrqSet(
            index, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionTrigger, count: (uint)eventFds.Length)
        {
            EventFds = eventFds,
        });

    /// <summary>Gives all interrupts of an index up.</summary>
    /// <returns>As <see cref="SetIrqs"/>.</returns>
    public KernelResult DisableIrqs(VfioIrqIndex index) =>
        SetIrqs(new VfioIrqSet(index, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, count: 0));

    /// <summary>Signals an interrupt as if the function had.</summary>
    /// <returns>As <see cref="SetIrqs"/>.</returns>
    public KernelResult TriggerIrq(VfioIrqIndex index, uint vector = 0) =>
        SetIrqs(new VfioIrqSet(index, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, vector));

    /// <summary>Masks INTx.</summary>
    /// <returns>As <see cref="SetIrqs"/>.</returns>
    public KernelResult MaskIntx() =>
        SetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionMask));

    /// <summary>Unmasks INTx, as the user does after every interrupt.</summary>
    /// <returns>As <see cref="SetIrqs"/>.</returns>
    public KernelResult UnmaskIntx() =>
        SetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionUnmask));

    /// <summary>Begins <see cref="MaskIntx"/>.</summary>
    public PendingCall BeginMaskIntx() =>
        BeginSetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionMask));

    /// <summary>Begins <see cref="UnmaskIntx"/>.</summary>
    public PendingCall BeginUnmaskIntx() =>
        BeginSetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionUnmask));
}
