namespace VfioPm;

/// <summary>
/// What the RFC became (Linux 5.19 and later): an unused function sleeps as soon as nobody counts it, the guest's
/// D-states are direct again, and every way out of a sleep leads through D0. How a user permits low power is in the other
/// part of this class.
/// </summary>
internal partial class RuntimePower : VfioPower
{
    private bool _isKeptInD0;

    public RuntimePower(VfioPciDevice device)
        : base(device)
    {
    }

    protected RuntimePower(RuntimePower original, ForkContext fork)
        : base(original, fork)
    {
        _isKeptInD0 = original._isKeptInD0;
        _wakeup = fork.OfNullable(original._wakeup);
        _isPinned = original._isPinned;
        _stateSet = original._stateSet;
    }

    public override string? LeftUndoneForSleep => Device.IsOpen && !IsLowPowerPermitted
        ? "has not permitted low power (VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY)"
        : null;

    /// <summary>Whether virtual functions need it there (<c>sriov_active</c>): it must not sleep deeper than they do.</summary>
    protected override bool IsKeptInD0 =>
        _isKeptInD0 || (Rules.HoldsPhysicalFunctionUnlocked && Device.Pci.Sriov is { NumVfs: > 0 });

    private LowPowerRules Rules => Device.Rules.LowPower;

    public override async KernelCall Register()
    {
        await SetState(PowerState.D0);
        await PmRuntime.Allow(Runtime);
        if (MayIdle)
        {
            await PmRuntime.Put(Runtime);
        }
    }

    public override async KernelCall Unregister()
    {
        if (MayIdle)
        {
            PmRuntime.GetNoResume(Runtime);
        }

        await PmRuntime.Forbid(Runtime);
    }

    public override KernelCall<int> BeginUse() => MayIdle ? PmRuntime.ResumeAndGet(Runtime) : 0;

    public override async KernelCall AbandonUse()
    {
        if (MayIdle)
        {
            await PmRuntime.Put(Runtime);
        }
    }

    /// <summary>Calls wake the device and hold it; a failed resume is told as -EIO, whatever it was.</summary>
    public override async KernelCall<int> BeginUserCall(UserCalls call)
    {
        int result = IsWoken(call) ? await PmRuntime.ResumeAndGet(Runtime) : 0;
        return result >= 0 ? 0 : Rules.TellsWhyNotWoken ? result : -Errno.EIO;
    }

    public override KernelCall EndUserCall(UserCalls call) => IsWoken(call) ? PmRuntime.Put(Runtime) : KernelCall.Returned;

    /// <summary>The core would go to D0 too, but without the configuration that only vfio-pci has.</summary>
    public override KernelCall BeforeReset() => SetState(PowerState.D0);

    public override async KernelCall WakeForClose()
    {
        await ExitLowPower();
        await PmRuntime.Resume(Runtime);

        // A reset through D3hot only works from D0.
        await SetState(PowerState.D0);
    }

    public override KernelCall EndUse(bool wasReset) => AbandonUse();

    public override KernelCall AfterSetReset(VfioPciDevice through) => KernelCall.Returned;

    public override KernelCall<int> HoldForReset() => PmRuntime.ResumeAndGet(Runtime);

    public override KernelCall ReleaseAfterReset() => PmRuntime.Put(Runtime);

    /// <summary>In D0, whoever put it elsewhere, and nobody puts it to sleep while they are there.</summary>
    public override async KernelCall<int> HoldForVirtualFunctions()
    {
        int result = await PmRuntime.ResumeAndGet(Runtime);
        if (result < 0 || Rules.HoldsPhysicalFunctionUnlocked)
        {
            return result;
        }

        using (await Device.Memory.DownWrite())
        {
            await SetState(PowerState.D0);
            _isKeptInD0 = true;
            return 0;
        }
    }

    public override async KernelCall ReleaseAfterVirtualFunctions()
    {
        await PmRuntime.Put(Runtime);
        _isKeptInD0 = false;
    }

    public override IForkable Fork(ForkContext fork) => new RuntimePower(this, fork);

    public override void AddTo(ref StateHash hash)
    {
        base.AddTo(ref hash);
        hash.Add(_isKeptInD0);
        hash.Add(_isPinned);
        hash.Add((int)_stateSet);
        EventFd.AddTo(ref hash, _wakeup);
    }

    private bool IsWoken(UserCalls call) => (Rules.WakingCalls & call) != 0;
}
