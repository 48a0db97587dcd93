namespace VfioPm;

/// <summary>
/// Before the RFC: an unused function is put in D3hot by PMCSR, at once; runtime PM takes no part, so the bridge
/// above never sleeps.
/// </summary>
internal sealed class DirectPowerPolicy : VfioPowerPolicy
{
    public static readonly DirectPowerPolicy Instance = new();

    public override bool HasPmOps => false;

    public override async KernelCall Register(VfioPciDevice device)
    {
        if (!device.Parameters.DisableIdleD3)
        {
            // After a driver the state is unknown, and from there the PCI core only goes to D0.
            await device.SetPowerState(PowerState.D0);
            await device.SetPowerState(PowerState.D3Hot);
        }
    }

    public override async KernelCall Unregister(VfioPciDevice device)
    {
        if (!device.Parameters.DisableIdleD3)
        {
            await device.SetPowerState(PowerState.D0);
        }
    }

    public override async KernelCall<KernelResult> BeginUse(VfioPciDevice device)
    {
        await device.SetPowerState(PowerState.D0);
        return KernelResult.Success;
    }

    public override KernelCall AbandonUse(VfioPciDevice device) => KernelCall.Returned;

    public override KernelCall WakeForClose(VfioPciDevice device) => KernelCall.Returned;

    public override async KernelCall EndUse(VfioPciDevice device, bool wasReset)
    {
        if (!wasReset && !device.Parameters.DisableIdleD3)
        {
            await device.SetPowerState(PowerState.D3Hot);
        }
    }

    public override async KernelCall AfterSetReset(VfioPciDevice member, VfioPciDevice through)
    {
        if (!member.Parameters.DisableIdleD3)
        {
            await member.SetPowerState(PowerState.D3Hot);
        }
    }
}
