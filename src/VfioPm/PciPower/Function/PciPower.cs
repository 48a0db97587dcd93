namespace VfioPm;

/// <summary>
/// What a kernel believes of a function's power, what it may do about it, and what it would choose: of the states of the
/// PM capability (<c>drivers/pci/pci.c</c>) and of the firmware's (<c>drivers/pci/pci-acpi.c</c>).
/// </summary>
internal sealed class PciPower
{
    private readonly ICurrentStateListener _listener;
    private readonly uint _unreliablePme;

    public PciPower(IPlatformPower? platform, FunctionQuirks quirks, ICurrentStateListener listener)
    {
        _listener = listener;
        _unreliablePme = quirks.UnreliablePme;
        Platform = platform is { IsPowerManageable: true } ? platform : null;
    }

    /// <summary>A copy for a fork.</summary>
    public PciPower(PciPower original, PmCapability? pm, ICurrentStateListener listener, ForkContext fork)
    {
        _listener = listener;
        _unreliablePme = original._unreliablePme;
        Platform = fork.OfNullable(original.Platform);
        Pm = original.Pm is null ? null : pm;
        State = original.State;
        D3ColdAllowed = original.D3ColdAllowed;
        NoD3Cold = original.NoD3Cold;
    }

    /// <summary>The state that the kernel believes in (<c>current_state</c>).</summary>
    public PowerState State { get; private set; } = PowerState.Unknown;

    /// <summary>The PM capability as the kernel found it when it enumerated the function, or null.</summary>
    public PmCapability? Pm { get; private set; }

    /// <summary>What the firmware can do for the function's power, or null where it can do nothing.</summary>
    public IPlatformPower? Platform { get; }

    /// <summary>What the firmware believes the state to be, or null where it does not manage the function.</summary>
    public PowerState? PlatformState => Platform?.State;

    /// <summary>Whether the administrator lets the function lose its power (<c>d3cold_allowed</c>).</summary>
    public bool D3ColdAllowed { get; set; }

    /// <summary>Whether a driver or a quirk keeps the function from losing its power (<c>pci_d3cold_disable()</c>).</summary>
    public bool NoD3Cold { get; set; }

    /// <summary>Whether its PME# can be believed in, from any state (<c>pme_support</c>).</summary>
    public bool SupportsPme => PmeSupport != 0;

    /// <summary>Whether nobody minds that the function loses its power.</summary>
    public bool MayLosePower => D3ColdAllowed && !NoD3Cold;

    /// <summary>The kernel found a PM capability that it understands.</summary>
    public void Use(PmCapability pm)
    {
        Pm = pm;
        D3ColdAllowed = true;
    }

    /// <summary>Changes what the kernel believes.</summary>
    public void Believe(PowerState state)
    {
        if (State != state)
        {
            PowerState before = State;
            State = state;
            _listener.OnCurrentStateChanged(before);
        }
    }

    private uint PmeSupport => Pm is null ? 0 : (uint)(Pm.Capabilities & PmRegisters.PmeSupportMask) & ~_unreliablePme;

    /// <summary>Whether its PME# can be believed in from a state (<c>pci_pme_capable()</c>).</summary>
    public bool SupportsPmeFrom(PowerState state) => (PmeSupport & (0x0800u << (int)state)) != 0;

    /// <summary>
    /// The deepest state that is allowed, and from which the function can wake if it has to
    /// (<c>pci_target_state()</c>). The platform knows best; a function that it does not manage has the
    /// states of its PM capability.
    /// </summary>
    /// <param name="wakes">Whether the function has to be able to wake.</param>
    /// <param name="isForSleep">
    /// Whether the machine itself is going to lose its power (S3), of which <c>_S0W</c> says nothing (<c>acpi_dev_pm_get_state()</c>).
    /// </param>
    public PowerState ChooseTarget(bool wakes, bool isForSleep = false)
    {
        if (Platform is not null)
        {
            return ChoosePlatformState(Platform, Platform.CanWake && !isForSleep);
        }

        // Somebody else cut its power: let it sleep on.
        if (State == PowerState.D3Cold)
        {
            return PowerState.D3Cold;
        }

        return Pm is null ? PowerState.D0
            : wakes && SupportsPme ? DeepestPmeState
            : PowerState.D3Hot;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(Pm is not null);
        hash.Add((int)State);
        hash.Add(D3ColdAllowed);
        hash.Add(NoD3Cold);
    }

    /// <summary>
    /// The deepest state that the firmware has and that is allowed (<c>acpi_pci_choose_state()</c>). A function
    /// that can wake the system must stay where it still can.
    /// </summary>
    private PowerState ChoosePlatformState(IPlatformPower platform, bool wakes)
    {
        PowerState deepest = platform.DeepestStateFor(wakes);
        return deepest == PowerState.D3Cold && !MayLosePower ? PowerState.D3Hot : deepest;
    }

    private PowerState DeepestPmeState
    {
        get
        {
            for (PowerState state = PowerState.D3Hot; state >= PowerState.D0; state--)
            {
                if (SupportsPmeFrom(state))
                {
                    return state;
                }
            }

            return PowerState.D3Hot;
        }
    }
}
