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

    public override async KernelCall Register(VfioPciDevice device)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        await device.SetPowerState(PowerState.D0);
        await PmRuntime.SetAutosuspendDelay(runtime, AutosuspendDelay);
        await PmRuntime.UseAutosuspend(runtime, true);
        runtime.MarkBusy();
        await PmRuntime.Allow(runtime);
        if (!device.Parameters.DisableIdleD3)
        {
            await PmRuntime.PutAutosuspend(runtime);
        }
    }

    public override async KernelCall Unregister(VfioPciDevice device)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        if (!device.Parameters.DisableIdleD3)
        {
            PmRuntime.GetNoResume(runtime);
        }

        await PmRuntime.UseAutosuspend(runtime, false);
        await PmRuntime.Forbid(runtime);
    }

    public override async KernelCall<KernelResult> BeginUse(VfioPciDevice device)
    {
        // The patch does not look whether the resume succeeded: the open goes on with the count raised.
        if (!device.Parameters.DisableIdleD3)
        {
            await PmRuntime.GetSync(device.RuntimePm);
        }

        return KernelResult.Success;
    }

    /// <summary>Nothing: the patch forgets the count of a failed open.</summary>
    public override KernelCall AbandonUse(VfioPciDevice device) => KernelCall.Returned;

    public override async KernelCall WakeForClose(VfioPciDevice device)
    {
        if (device.Configuration!.ForgetLowPower())
        {
            await PmRuntime.GetSync(device.RuntimePm);
        }
    }

    public override async KernelCall EndUse(VfioPciDevice device, bool wasReset)
    {
        if (!device.Parameters.DisableIdleD3)
        {
            device.RuntimePm.MarkBusy();
            await PmRuntime.PutAutosuspend(device.RuntimePm);
        }
    }

    /// <summary>The patch wakes the function that was reset through, once per member, and not the member.</summary>
    public override async KernelCall AfterSetReset(VfioPciDevice member, VfioPciDevice through)
    {
        if (!member.Parameters.DisableIdleD3)
        {
            await PmRuntime.Resume(through.RuntimePm);
            through.RuntimePm.MarkBusy();
            await PmRuntime.RequestAutosuspend(through.RuntimePm);
        }
    }
}
