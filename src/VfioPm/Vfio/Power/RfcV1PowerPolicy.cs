namespace VfioPm;

/// <summary>
/// The RFC's first and third patch: an unused function is one that nobody counts, and runtime PM puts it to
/// sleep a second later, as deep as the platform can.
/// </summary>
internal sealed class RfcV1PowerPolicy : VfioPowerPolicy
{
    public static readonly RfcV1PowerPolicy Instance = new();

    // Milliseconds.
    private const int AutosuspendDelay = 1000;

    public override bool HasPmOps => true;

    public override string? LeftUndoneForSleep(VfioPciDevice device) =>
        device.Configuration is { IsLowPowerAsked: false } ? "has not asked for D3hot in PMCSR" : null;

    public override void Register(VfioPciDevice device)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        device.SetPowerState(PowerState.D0);
        runtime.SetAutosuspendDelay(AutosuspendDelay);
        runtime.SetUseAutosuspend(true);
        runtime.MarkLastBusy();
        runtime.Allow();
        if (!device.Parameters.DisableIdleD3)
        {
            runtime.PutAutosuspend();
        }
    }

    public override void Unregister(VfioPciDevice device)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        if (!device.Parameters.DisableIdleD3)
        {
            runtime.GetNoResume();
        }

        runtime.SetUseAutosuspend(false);
        runtime.Forbid();
    }

    public override KernelResult BeginUse(VfioPciDevice device)
    {
        // The patch does not look whether the resume succeeded: the open goes on with the count raised.
        if (!device.Parameters.DisableIdleD3)
        {
            device.RuntimePm.GetSync();
        }

        return KernelResult.Success;
    }

    /// <summary>Nothing: the patch forgets the count of a failed open.</summary>
    public override void AbandonUse(VfioPciDevice device)
    {
    }

    public override void WakeForClose(VfioPciDevice device)
    {
        if (device.Configuration!.ForgetLowPower())
        {
            device.RuntimePm.GetSync();
        }
    }

    public override void EndUse(VfioPciDevice device, bool wasReset)
    {
        if (!device.Parameters.DisableIdleD3)
        {
            device.RuntimePm.MarkLastBusy();
            device.RuntimePm.PutAutosuspend();
        }
    }

    /// <summary>The patch wakes the function that was reset through, once per member, and not the member.</summary>
    public override void AfterSetReset(VfioPciDevice member, VfioPciDevice through)
    {
        if (!member.Parameters.DisableIdleD3)
        {
            through.RuntimePm.Resume();
            through.RuntimePm.MarkLastBusy();
            through.RuntimePm.RequestAutosuspend();
        }
    }
}
