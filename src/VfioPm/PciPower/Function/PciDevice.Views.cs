namespace VfioPm;

// What its users ask a function, wherever the answer is, and what its hardware tells it.
public sealed partial class PciDevice
    : IHardwareListener, IInterruptReceiver, IInterruptHandler
{
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

    /// <summary>Whether the kernel gets an answer: the function gives one, and the kernel has not given it up.</summary>
    internal bool AnswersKernel => Hardware.Answers && !IsDisconnected;

    void IHardwareListener.OnRootPme() => Pme?.OnInterrupt();

    void IHardwareListener.OnSlotEvent() => Hotplug?.OnInterrupt();

    /// <summary>The wire goes to the nearest above that the firmware knows to wake; nobody hears what nobody asked for.</summary>
    void IHardwareListener.OnWakeSignal()
    {
        if (FindWired() is { Platform.WakeCount: > 0 } wired)
        {
            wired.FirmwareWake!.Queue();
            Core.Transition.WakeUp();
        }
    }

    /// <summary>
    /// The function's own wake signal, or that of a bridge above it (<c>acpi_pci_wakeup()</c>, <c>acpi_pci_propagate_wakeup()</c>).
    /// </summary>
    internal override void SetFirmwareWakeup(bool enable) => FindWired()?.Platform!.SetWakeup(enable);

    /// <summary>It was heard of in another way: the kernel need not look (<c>pme_poll</c>), and takes it off its list when it goes through that.</summary>
    internal void StopPollingForPme() => Wakeup.IsPolled = false;

    private PciDevice? FindWired()
    {
        PciDevice? device = this;
        while (device is not null and not { Platform.CanWake: true })
        {
            device = device.Upstream;
        }

        return device;
    }

    internal override bool HasNoVendorId => IsVirtualFunction;

    internal override bool HasDriver => Driver is not null;

    internal override string DriverName => Driver?.Name ?? "";

    internal override bool HasPmOps => Driver is { HasPmOps: true };

    internal override bool HasRuntimeSuspend => Driver is { HasRuntimeSuspend: true };

    void IHardwareListener.OnPowerStateChanged(PowerState before)
    {
        Bus.Events.Tell((this, before), static (listener, in it) => listener.OnHardwareState(it.Item1, it.before));
    }

    void IHardwareListener.OnReset(ResetKind kind)
    {
        Bus.Events.Tell((this, kind), static (listener, in it) => listener.OnReset(it.Item1, it.kind));
    }

    void IHardwareListener.OnUnanswered(int? bar, long offset)
    {
        Bus.Events.Tell((this, bar, offset), static (listener, in it) => listener.OnUnanswered(it.Item1, it.bar, it.offset));
    }

    internal override void OnCurrentStateChanged(PowerState before)
    {
        Bus.Events.Tell((this, before), static (listener, in it) => listener.OnPowerState(it.Item1, it.before));
    }

    void IInterruptReceiver.OnPinChanged(bool isAsserted) => InterruptLine?.Deliver();

    void IInterruptReceiver.OnMessage(InterruptMessage message) => Messages.Deliver(message);

    bool IInterruptHandler.DeniesAlike => Driver is { DeniesAlike: true };

    bool IInterruptHandler.OnLineInterrupt() => Driver is { } driver && driver.OnLineInterrupt(this);

    internal override void Complete()
    {
        base.Complete();
        IsAdded = true;
        AllowsBinding = true;
    }

    internal override void EnablePin() => Pin.Enable();

    internal override void DisablePin() => Pin.Disable();

    void IInterruptHandler.OnMessageInterrupt(int vector) => Driver?.OnMessageInterrupt(this, vector);

    internal override KernelCall<int> InvokeDriver(RuntimePmCallback callback) => callback switch
    {
        RuntimePmCallback.Suspend => Driver!.RuntimeSuspend(this),
        RuntimePmCallback.Resume => Driver is { HasRuntimeResume: true } ? Driver.RuntimeResume(this) : 0,
        _ => Driver!.RuntimeIdle(this),
    };

    internal override DriverSleepFlags DriverSleepFlags => Driver?.SleepFlags ?? DriverSleepFlags.None;

    internal override bool HasSleepCallback(SleepPhase phase) => Driver is { HasPmOps: true } driver && driver.HasSystemSleep(phase);

    internal override KernelCall<int> InvokeDriver(SleepPhase phase) => HasSleepCallback(phase) ? Driver!.SystemSleep(this, phase) : 0;

    internal override KernelCall PollForPme(bool polled) => Bus.PollForPme(this, polled);

    /// <summary>
    /// Message interrupts (<c>pci_restore_msi_state()</c>), what keeps functions apart for an IOMMU, and virtual functions
    /// (<c>pci_restore_iov_state()</c>).
    /// </summary>
    internal override KernelCall RestoreOfHost()
    {
        Messages.Restore();
        return Sriov is null ? SavedState.Settings.EnableAccessControl(Config) : RestoreWithSriov(Sriov);
    }

    private async KernelCall RestoreWithSriov(PciSriov sriov)
    {
        await SavedState.Settings.EnableAccessControl(Config);
        await sriov.RestoreState();
    }

    /// <summary>Whether <c>rom</c> of sysfs may be read (<c>rom_attr_enabled</c>).</summary>
    internal bool IsRomShown { get; set; }

    /// <summary>Whether the port passes on what is for functions with numbers above 7 (<c>ari_enabled</c>).</summary>
    internal bool ForwardsAri { get; set; }

    /// <summary>The kernel gave a BAR another size, and knows it.</summary>
    internal void FollowBarSizes() => Silicon.FollowBarSizes();

    /// <summary>Configuration space, for who must not wait.</summary>
    private SiliconConfiguration Silicon => (SiliconConfiguration)Config;

    internal uint ReadConfig(int offset, int width) => Silicon.ReadNow(offset, width);

    internal void WriteConfig(int offset, int width, uint value) => Silicon.WriteNow(offset, width, value);
}
