namespace VfioPm;

/// <summary>
/// Before the RFC: an unused function is put in D3hot by PMCSR, at once; runtime PM takes no part, so the bridge
/// above never sleeps.
/// </summary>
internal sealed class DirectPowerPolicy : VfioPowerPolicy
{
    public static readonly DirectPowerPolicy Instance = new();

    public override bool HasPmOps => false;

    public override void Register(VfioPciDevice device)
    {
        if (device.Parameters.DisableIdleD3)
        {
            return;
        }

        // After a driver the state is unknown, and from there the PCI core only goes to D0.
        device.SetPowerState(PowerState.D0);
        device.SetPowerState(PowerState.D3Hot);
    }

    public override void Unregister(VfioPciDevice device)
    {
        if (!device.Parameters.DisableIdleD3)
        {
            device.SetPowerState(PowerState.D0);
        }
    }

    public override KernelResult BeginUse(VfioPciDevice device)
    {
        device.SetPowerState(PowerState.D0);
        return KernelResult.Success;
    }

    public override void AbandonUse(VfioPciDevice device)
    {
    }

    public override void WakeForClose(VfioPciDevice device)
    {
    }

    public override void EndUse(VfioPciDevice device, bool wasReset)
    {
        if (!wasReset && !device.Parameters.DisableIdleD3)
        {
            device.SetPowerState(PowerState.D3Hot);
        }
    }

    public override void AfterSetReset(VfioPciDevice member, VfioPciDevice through)
    {
        if (!member.Parameters.DisableIdleD3)
        {
            member.SetPowerState(PowerState.D3Hot);
        }
    }
}
