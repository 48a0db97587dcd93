namespace VfioPm;

/// <summary>
/// The RFC: an unused function is one that nobody counts, and runtime PM puts it to sleep a second later, as deep as the
/// platform can (first patch); a user who writes D3hot to PMCSR only gives its count back, and runtime PM follows (third
/// patch).
/// </summary>
internal sealed class RfcV1Power : VfioPower
{
    // Milliseconds.
    private const int AutosuspendDelay = 1000;

    public RfcV1Power(VfioPciDevice device)
        : base(device)
    {
    }

    private RfcV1Power(RfcV1Power original, ForkContext fork)
        : base(original, fork)
    {
    }

    public override string? LeftUndoneForSleep => Device.Session is { Configuration.IsLowPowerAsked: false }
        ? "has not asked for D3hot in PMCSR"
        : null;

    protected override bool KeepsStateOverD3 => false;

    public override async KernelCall Register()
    {
        await SetState(PowerState.D0);
        await PmRuntime.SetAutosuspendDelay(Runtime, AutosuspendDelay);
        await PmRuntime.UseAutosuspend(Runtime, true);
        Runtime.MarkBusy();
        await PmRuntime.Allow(Runtime);
        if (MayIdle)
        {
            await PmRuntime.PutAutosuspend(Runtime);
        }
    }

    public override async KernelCall Unregister()
    {
        if (MayIdle)
        {
            PmRuntime.GetNoResume(Runtime);
        }

        await PmRuntime.UseAutosuspend(Runtime, false);
        await PmRuntime.Forbid(Runtime);
    }

    public override async KernelCall<int> BeginUse()
    {
        // The patch does not look whether the resume succeeded: the open goes on with the count raised.
        if (MayIdle)
        {
            await PmRuntime.GetSync(Runtime);
        }

        return 0;
    }

    /// <summary>Nothing: the patch forgets the count of a failed open.</summary>
    public override KernelCall AbandonUse() => KernelCall.Returned;

    public override async KernelCall WakeForClose()
    {
        if (Device.Session!.Configuration.ForgetLowPower())
        {
            await PmRuntime.GetSync(Runtime);
        }
    }

    public override async KernelCall EndUse(bool wasReset)
    {
        if (MayIdle)
        {
            Runtime.MarkBusy();
            await PmRuntime.PutAutosuspend(Runtime);
        }
    }

    /// <summary>The patch wakes the function that was reset through, once per member, and not the member.</summary>
    public override async KernelCall AfterSetReset(VfioPciDevice through)
    {
        if (MayIdle)
        {
            await PmRuntime.Resume(through.Pci.RuntimePm);
            through.Pci.RuntimePm.MarkBusy();
            await PmRuntime.RequestAutosuspend(through.Pci.RuntimePm);
        }
    }

    /// <summary><c>vfio_perform_runtime_pm()</c>.</summary>
    public override async KernelCall PutForLowPower()
    {
        Cause? before = Kernel.Because(GuestCauses.AsksForLowPower, Device.Pci.Name);
        Runtime.MarkBusy();
        await PmRuntime.PutAutosuspend(Runtime);
        Kernel.Clock.Cause = before;
    }

    /// <inheritdoc cref="PutForLowPower"/>
    public override async KernelCall GetForFullPower()
    {
        Cause? before = Kernel.Because(GuestCauses.AsksForD0, Device.Pci.Name);
        await PmRuntime.GetSync(Runtime);
        Kernel.Clock.Cause = before;
    }

    public override void BeginUserAccess() => PmRuntime.GetNoResume(Runtime);

    public override KernelCall EndUserAccess() => PmRuntime.PutAutosuspend(Runtime);

    /// <summary><c>vfio_pci_config_pm_runtime_get()</c>: the patch does what the PCI core does for root on the host.</summary>
    public override KernelCall BeginHardwareAccess() => Device.Pci.HostConfig.Hold();

    /// <summary><c>vfio_pci_config_pm_runtime_put()</c>.</summary>
    public override void EndHardwareAccess()
    {
        Runtime.MarkBusy();
        PmRuntime.PutNoIdle(Runtime);

        // Without an idle check: a port that this access woke stays awake until something else makes it look.
        if (Runtime.Parent is { } parent)
        {
            PmRuntime.PutNoIdle(parent);
        }
    }

    public override IForkable Fork(ForkContext fork) => new RfcV1Power(this, fork);
}
