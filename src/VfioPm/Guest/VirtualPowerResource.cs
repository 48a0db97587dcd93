namespace VfioPm;

/// <summary>
/// The ACPI power resource that a VMM gives a virtual device. The guest's <c>_OFF</c> makes the VMM permit low power,
/// its <c>_ON</c> makes it end that. Where the kernel refuses, the resource stays on, as <c>_STA</c> then says. The device
/// needs it in D0 and in D3hot (<c>_PR0</c>, <c>_PR3</c>).
/// </summary>
public sealed class VirtualPowerResource : IEventFdListener, INumbered, IPlatformPower
{
    private readonly GuestDevice _device;
    private readonly VfioDeviceFile _file;

    internal VirtualPowerResource(GuestDevice device, VfioDeviceFile file, bool hasWakeup)
    {
        _device = device;
        _file = file;
        Wakeup = hasWakeup ? new EventFd() : null;
        Wakeup?.Listen(this);
    }

    private VirtualPowerResource(VirtualPowerResource original, ForkContext fork)
    {
        fork.Register(original, this);
        _device = fork.Of(original._device);
        _file = fork.Of(original._file);
        Wakeup = fork.OfNullable(original.Wakeup);
        IsOn = original.IsOn;
        LastResult = original.LastResult;
    }

    /// <summary>Whether it is on (<c>_STA</c>).</summary>
    public bool IsOn { get; private set; } = true;

    /// <summary>
    /// What the kernel gave for the VMM's last call: -ENOTTY before Linux 6.1, which has no
    /// <c>VFIO_DEVICE_FEATURE_LOW_POWER_*</c>; null before the first.
    /// </summary>
    public KernelResult? LastResult { get; private set; }

    /// <summary>What the VMM has signalled when the host wakes the device, or null if it does not ask for that.</summary>
    public EventFd? Wakeup { get; }

    IForkable IForkable.Fork(ForkContext fork) => new VirtualPowerResource(this, fork);

    int INumbered.Index => _file.Device.Index;

    bool IPlatformPower.IsPowerManageable => true;

    PowerState IPlatformPower.State => IsOn ? PowerState.D0 : PowerState.D3Cold;

    PowerState IPlatformPower.DeepestState => PowerState.D3Cold;

    /// <summary>The VMM's tables have no <c>_PRW</c>: it notifies the guest.</summary>
    bool IPlatformPower.CanWake => false;

    bool IPlatformPower.IsWakePrepared => false;

    PowerState IPlatformPower.DeepestStateFor(bool wake) => PowerState.D3Cold;

    async KernelCall<int> IPlatformPower.SetState(PowerState state)
    {
        if (state == PowerState.D3Cold)
        {
            return await TurnOff();
        }

        await TurnOn(_device.Guest.RuntimePm.Kernel);
        return 0;
    }

    void IEventFdListener.OnSignal(EventFd eventFd)
    {
        eventFd.Read(out _);

        // Ending low power wakes the device too; that is no news to a guest that switches it on, or to one that is reset.
        if (!IsOn)
        {
            _device.OnWakeNotification();
        }
    }

    /// <summary>The guest's <c>_OFF</c>.</summary>
    /// <returns>What the host's kernel gave; an error leaves it on.</returns>
    internal async KernelCall<int> TurnOff()
    {
        int result = await Ask(
            _device.Guest.RuntimePm.Kernel,
            Wakeup is null ? VfioFeature.LowPowerEntry : VfioFeature.LowPowerEntryWithWakeup,
            Wakeup);
        IsOn = result < 0;
        return result;
    }

    /// <summary>The guest's <c>_ON</c>, or the VMM's own as it resets the guest.</summary>
    internal async KernelCall TurnOn(Kernel caller)
    {
        if (!IsOn)
        {
            IsOn = true;
            await Ask(caller, VfioFeature.LowPowerExit, wakeup: null);
        }
    }

    internal void Close() => Wakeup?.Close();

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(IsOn);
        hash.Add(LastResult?.Value ?? 1);
        EventFd.AddTo(ref hash, Wakeup);
    }

    private async KernelCall<int> Ask(Kernel caller, VfioFeature feature, EventFd? wakeup)
    {
        var request = new VfioFeatureRequest(
            feature, VfioFeatureFlags.Set, wakeup is null ? (FileDescriptor?)null : FileDescriptor.FromEventFd(wakeup));
        int result = await VirtualDevice.Exit(caller, _file.Exit(new FeatureRequest(request)));
        LastResult = result;
        return result;
    }
}
