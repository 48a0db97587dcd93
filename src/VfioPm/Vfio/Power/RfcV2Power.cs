namespace VfioPm;

/// <summary>
/// The RFC's second version (20220124181726.19174-1): a sleep leaves the device as its user did, whoever wakes it ends the
/// permission, and resets and virtual functions hold nobody awake.
/// </summary>
internal sealed class RfcV2Power : RuntimePower
{
    public RfcV2Power(VfioPciDevice device)
        : base(device)
    {
    }

    private RfcV2Power(RfcV2Power original, ForkContext fork)
        : base(original, fork)
    {
    }

    public override KernelCall BeforeReset() => KernelCall.Returned;

    public override KernelCall AfterReset() => SetState(PowerState.D0);

    public override KernelCall<int> HoldForReset() => 0;

    public override KernelCall ReleaseAfterReset() => KernelCall.Returned;

    /// <summary>As in the first version, the function that was reset through is woken, and not the member.</summary>
    public override async KernelCall AfterSetReset(VfioPciDevice through)
    {
        if (MayIdle)
        {
            await PmRuntime.Resume(through.Pci.RuntimePm);
            await PmRuntime.RequestIdle(through.Pci.RuntimePm);
        }
    }

    /// <summary>Who closes while he permits low power leaves the device in the state that waking it gives.</summary>
    public override async KernelCall WakeForClose()
    {
        bool wasPermitted = IsLowPowerPermitted;
        await ExitLowPower();
        await PmRuntime.Resume(Runtime);
        if (!wasPermitted)
        {
            await SetState(PowerState.D0);
        }
    }

    public override KernelCall<int> HoldForVirtualFunctions() => 0;

    public override KernelCall ReleaseAfterVirtualFunctions() => KernelCall.Returned;

    /// <summary>Neither through D0 nor with INTx masked.</summary>
    public override KernelCall<int> RuntimeSuspend() => 0;

    public override async KernelCall<int> RuntimeResume()
    {
        using (await Device.Memory.DownWrite())
        {
            await SetState(PowerState.D0);
            await ExitLocked();
            return 0;
        }
    }

    public override IForkable Fork(ForkContext fork) => new RfcV2Power(this, fork);
}
