namespace VfioPm;

// A user's permission to put the device into low power (Linux 6.1, vfio_pci_core.c): while it lasts one usage count is given
// back, so that nobody but single calls holds the device.
internal partial class RuntimePower
{
    private const int Nvidia = 0x10de;
    private const int Display = 0x03;

    private EventFd? _wakeup;

    // Whether the count was taken back as somebody else woke the device (pm_runtime_resumed).
    private bool _isPinned;

    // The state that the driver set last (power_state, power_state_d3), where memory is fenced by that.
    private PowerState _stateSet;

    /// <summary><c>pm_runtime_engaged</c>.</summary>
    public override bool IsLowPowerPermitted => Device.Flags[VfioFlag.LowPowerPermitted];

    public override EventFd? Wakeup => _wakeup;

    /// <summary><c>__vfio_pci_memory_enabled()</c> since Linux 5.19, and what the RFC's versions had in its place.</summary>
    public override bool IsMemoryFenced => Rules.Fence switch
    {
        MemoryFence.OwnState or MemoryFence.OwnStateUntilExit => _stateSet >= PowerState.D3Hot,
        MemoryFence.WhilePermitted when IsLowPowerPermitted => true,
        _ => Device.Pci.PowerState >= PowerState.D3Hot,
    };

    protected override PowerState StateKept => Rules.Fence == MemoryFence.OwnState ? _stateSet : base.StateKept;

    private DeviceInterrupts? Interrupts => Device.Session?.Interrupts;

    private bool IsNvidiaDisplay =>
        Device.Pci.VendorId == Nvidia && PciIdentity.In(Device.Pci.Hardware.Configuration).Class >> 16 == Display;

    /// <summary>
    /// The user permits it (<c>vfio_pci_runtime_pm_entry()</c>). The device goes idle when the ioctl gives its own
    /// count back.
    /// </summary>
    /// <returns>0; -EINVAL if it is permitted already.</returns>
    public override async KernelCall<int> EnterLowPower(EventFd? wakeup)
    {
        using (await Device.LockMemory(takeAway: true))
        {
            if (Rules.AnswerOutsideD3Hot is { } refusal && !IsMemoryFenced)
            {
                return refusal;
            }

            if (IsLowPowerPermitted)
            {
                return Rules.AnswerToSecondEntry;
            }

            await Device.Flags.Set(VfioFlag.LowPowerPermitted, true);
            _wakeup = wakeup;
            PmRuntime.PutNoIdle(Runtime);
            Device.TellLowPowerPermitted();
        }

        if (!IsWoken(UserCalls.IoctlsBelievedSafe))
        {
            await PmRuntime.RequestIdle(Runtime);
        }

        return 0;
    }

    /// <summary>The permission ends, if there was one (<c>vfio_pci_runtime_pm_exit()</c>).</summary>
    public override async KernelCall<int> ExitLowPower()
    {
        bool wasPermitted = false;
        using (await Device.Memory.DownWrite())
        {
            wasPermitted = IsLowPowerPermitted;
            await ExitLocked();
            Device.RestoreDmaBufs();
            Device.TellLowPowerTakenBack();
        }

        if (wasPermitted && !IsWoken(UserCalls.IoctlsBelievedSafe))
        {
            await PmRuntime.Resume(Runtime);
        }

        return wasPermitted ? 0 : Rules.AnswerToExitOfNothing;
    }

    /// <summary>
    /// The device is about to sleep: a function that its user left in D3hot goes to D0 first, with the configuration that it
    /// had, and it must not interrupt. The PCI core does the rest (<c>vfio_pci_core_runtime_suspend()</c>).
    /// </summary>
    public override async KernelCall<int> RuntimeSuspend()
    {
        using (await Device.Memory.DownWrite())
        {
            await SetState(PowerState.D0);
        }

        bool isMasked = Interrupts is { Type: VfioIrqIndex.Intx } interrupts && await interrupts.MaskIntx();
        await Device.Flags.Set(VfioFlag.IntxMaskedForSleep, isMasked);
        return 0;
    }

    /// <summary>
    /// The device is awake again. Whoever asked to be told is, once, and the permission is over
    /// (<c>vfio_pci_core_runtime_resume()</c>).
    /// </summary>
    public override async KernelCall<int> RuntimeResume()
    {
        if (Rules.UnmasksBeforeTelling)
        {
            await UnmaskAfterSleep();
        }

        using (await Device.Memory.DownWrite())
        {
            await EndSleep();
        }

        if (!Rules.UnmasksBeforeTelling)
        {
            await UnmaskAfterSleep();
        }

        return 0;
    }

    protected override void OnStateSet()
    {
        if (Rules.Fence != MemoryFence.OwnStateUntilExit || !IsLowPowerPermitted)
        {
            _stateSet = Device.Pci.PowerState;
        }
    }

    private async KernelCall UnmaskAfterSleep()
    {
        if (Device.Flags[VfioFlag.IntxMaskedForSleep] && Interrupts is { } interrupts)
        {
            await interrupts.UnmaskIntx();
        }
    }

    /// <summary>Who wants to be told is told, and the permission is over; for who does not, it is as the kernel has it.</summary>
    private async KernelCall EndSleep()
    {
        if (_wakeup is not null)
        {
            _wakeup.Signal(EventFd.OfWakeup);
            Device.TellWakeupTold();
            await ExitLocked();
        }
        else if (Rules.PinsDisplays && IsLowPowerPermitted && !_isPinned && IsNvidiaDisplay)
        {
            PmRuntime.GetNoResume(Runtime);
            _isPinned = true;
        }
    }

    /// <summary><c>__vfio_pci_runtime_pm_exit()</c>.</summary>
    protected async KernelCall ExitLocked()
    {
        if (!IsLowPowerPermitted)
        {
            return;
        }

        await Device.Flags.Set(VfioFlag.LowPowerPermitted, false);
        _wakeup = null;
        if (!_isPinned)
        {
            PmRuntime.GetNoResume(Runtime);
        }

        _isPinned = false;
        if (Rules.Fence == MemoryFence.OwnStateUntilExit)
        {
            _stateSet = PowerState.D0;
        }
    }
}
