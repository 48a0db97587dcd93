namespace VfioPm;

/// <summary>
/// The counting of the RFC's third patch around what the user does to configuration space while low power is
/// asked for.
/// </summary>
internal sealed class RfcV1UserPower(PciDevice device) : IUserPowerHooks
{
    private readonly RuntimePmDevice _runtime = device.RuntimePm;

    public void PutForLowPower()
    {
        using (_runtime.Core.Clock.Because(GuestCauses.AsksForLowPower, device.Name))
        {
            _runtime.MarkLastBusy();
            _runtime.PutAutosuspend();
        }
    }

    public void GetForFullPower()
    {
        using (_runtime.Core.Clock.Because(GuestCauses.AsksForD0, device.Name))
        {
            _runtime.GetSync();
        }
    }

    public void BeginUserAccess() => _runtime.GetNoResume();

    public void EndUserAccess() => _runtime.PutAutosuspend();

    public void BeginHardwareAccess()
    {
        _runtime.Parent?.GetSync();
        _runtime.GetNoResume();

        // The state may be about to become D3cold.
        _runtime.Barrier();
        if (device.PowerState == PowerState.D3Cold)
        {
            _runtime.Resume();
        }
    }

    public void EndHardwareAccess()
    {
        _runtime.MarkLastBusy();
        _runtime.PutNoIdle();

        // Without an idle check: a port that this access woke stays awake until something else makes it look.
        _runtime.Parent?.PutNoIdle();
    }

    public IForkable Fork(ForkContext fork) => new RfcV1UserPower(fork.Of(device));
}
