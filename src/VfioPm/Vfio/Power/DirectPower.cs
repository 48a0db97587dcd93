namespace VfioPm;

/// <summary>
/// Before the RFC: an unused function is put in D3hot by PMCSR, at once; runtime PM takes no part, so the bridge
/// above never sleeps.
/// </summary>
internal sealed class DirectPower : VfioPower
{
    public DirectPower(VfioPciDevice device)
        : base(device)
    {
    }

    private DirectPower(DirectPower original, ForkContext fork)
        : base(original, fork)
    {
    }

    public override async KernelCall Register()
    {
        if (MayIdle)
        {
            // After a driver the state is unknown, and from there the PCI core only goes to D0.
            await SetState(PowerState.D0);
            await SetState(PowerState.D3Hot);
        }
    }

    public override async KernelCall Unregister()
    {
        if (MayIdle)
        {
            await SetState(PowerState.D0);
        }
    }

    public override async KernelCall<int> BeginUse()
    {
        await SetState(PowerState.D0);
        return 0;
    }

    public override KernelCall AbandonUse() => KernelCall.Returned;

    public override KernelCall WakeForClose() => KernelCall.Returned;

    public override async KernelCall EndUse(bool wasReset)
    {
        if (!wasReset && MayIdle)
        {
            await SetState(PowerState.D3Hot);
        }
    }

    public override async KernelCall AfterSetReset(VfioPciDevice through)
    {
        if (MayIdle)
        {
            await SetState(PowerState.D3Hot);
        }
    }

    public override IForkable Fork(ForkContext fork) => new DirectPower(this, fork);
}
