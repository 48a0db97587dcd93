namespace VfioPm;

/// <summary>
/// The counting of the RFC's third patch around what the user does to configuration space while low power is
/// asked for.
/// </summary>
internal sealed class RfcV1UserPower(PciDevice device) : IUserPowerHooks
{
    public int Index => Runtime.Index;

    private RuntimePmDevice Runtime => device.RuntimePm;

    private Kernel Kernel => device.Core.Kernel;

    public async KernelCall PutForLowPower()
    {
        Cause? before = Kernel.Because(GuestCauses.AsksForLowPower, device.Name);
        Runtime.MarkBusy();
        await PmRuntime.PutAutosuspend(Runtime);
        Kernel.Clock.Cause = before;
    }

    public async KernelCall GetForFullPower()
    {
        Cause? before = Kernel.Because(GuestCauses.AsksForD0, device.Name);
        await PmRuntime.GetSync(Runtime);
        Kernel.Clock.Cause = before;
    }

    public void BeginUserAccess() => PmRuntime.GetNoResume(Runtime);

    public async KernelCall EndUserAccess() => await PmRuntime.PutAutosuspend(Runtime);

    public async KernelCall BeginHardwareAccess()
    {
        if (Runtime.Parent is { } parent)
        {
            await PmRuntime.GetSync(parent);
        }

        PmRuntime.GetNoResume(Runtime);

        // The state may be about to become D3cold.
        await PmRuntime.Barrier(Runtime);
        if (device.PowerState == PowerState.D3Cold)
        {
            await PmRuntime.Resume(Runtime);
        }
    }

    public void EndHardwareAccess()
    {
        Runtime.MarkBusy();
        PmRuntime.PutNoIdle(Runtime);

        // Without an idle check: a port that this access woke stays awake until something else makes it look.
        if (Runtime.Parent is { } parent)
        {
            PmRuntime.PutNoIdle(parent);
        }
    }

    public IForkable Fork(ForkContext fork) => new RfcV1UserPower(fork.Of(device));
}
