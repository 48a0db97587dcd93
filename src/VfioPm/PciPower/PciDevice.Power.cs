namespace VfioPm;

// What the kernel knows of the function's power, and what it would choose (drivers/pci/pci.c).
public sealed partial class PciDevice : IPowerStateListener
{
    /// <summary>The PM capability as the kernel found it when it enumerated the function, or null.</summary>
    internal PmCapability? Pm { get; private set; }

    internal bool IsBridge => Hardware.IsBridge;

    internal uint ReadConfig(int offset, int width) => Hardware.ReadCycle(offset, width);

    internal void WriteConfig(int offset, int width, uint value) => Hardware.WriteCycle(offset, width, value);

    /// <summary>The same for a user, who waits while the function is being reset (<c>pci_user_read_config_*()</c>).</summary>
    internal KernelCall<uint> ReadUserConfig(int offset, int width) => ConfigAccess.IsWriteLocked
        ? ReadUserConfigLater(offset, width)
        : ReadConfig(offset, width);

    /// <inheritdoc cref="ReadUserConfig"/>
    internal KernelCall WriteUserConfig(int offset, int width, uint value)
    {
        if (ConfigAccess.IsWriteLocked)
        {
            return WriteUserConfigLater(offset, width, value);
        }

        WriteConfig(offset, width, value);
        return KernelCall.Returned;
    }

    private async KernelCall<uint> ReadUserConfigLater(int offset, int width)
    {
        await ConfigAccess.DownRead();
        try
        {
            return ReadConfig(offset, width);
        }
        finally
        {
            ConfigAccess.UpRead();
        }
    }

    private async KernelCall WriteUserConfigLater(int offset, int width, uint value)
    {
        await ConfigAccess.DownRead();
        try
        {
            WriteConfig(offset, width, value);
        }
        finally
        {
            ConfigAccess.UpRead();
        }
    }

    /// <summary>PMCSR, or null when nobody answers: all ones are not a possible value of it.</summary>
    internal ushort? ReadPmcsr()
    {
        uint value = ReadConfig(Pm!.ControlStatusOffset, 2);
        return value == 0xffff ? null : (ushort)value;
    }

    internal void WritePmcsr(int value) => WriteConfig(Pm!.ControlStatusOffset, 2, (uint)value);

    void IPowerStateListener.OnPowerStateChanged(PowerState before)
    {
        foreach (IPciPowerListener listener in Topology.Events.Listeners)
        {
            listener.OnHardwareState(this, before);
        }
    }

    /// <summary>Changes what the kernel believes.</summary>
    internal void SetCurrentState(PowerState state)
    {
        if (PowerState != state)
        {
            PowerState before = PowerState;
            PowerState = state;
            foreach (IPciPowerListener listener in Topology.Events.Listeners)
            {
                listener.OnPowerState(this, before);
            }
        }
    }

    /// <summary>
    /// Learns the power state from the platform or from PMCSR, and takes it to be
    /// <paramref name="otherwise"/> where neither can tell (<c>pci_update_current_state()</c>).
    /// </summary>
    internal void UpdateCurrentState(PowerState otherwise)
    {
        if (PlatformState == PowerState.D3Cold)
        {
            SetCurrentState(PowerState.D3Cold);
        }
        else if (Pm is not null)
        {
            SetCurrentState(ReadPmcsr() is { } pmcsr
                ? (PowerState)(pmcsr & PmRegisters.StateMask)
                : PowerState.D3Cold);
        }
        else
        {
            SetCurrentState(otherwise);
        }
    }

    /// <summary>Whether the function has the state, as do all bridges above it (<c>pci_no_d1d2()</c>).</summary>
    internal bool HasIntermediateState(PowerState state) => Pm is not null && Pm.Supports(state);

    /// <summary>
    /// How long a kernel waits after a write of PMCSR: what the specification demands (PCI PM 1.2, section 5.6.1),
    /// and for D3hot a fifth more, since it lets the timer be late (<c>pci_dev_d3_sleep()</c>).
    /// </summary>
    internal static TimeSpan TransitionDelay(PowerState state, TimeSpan d3HotDelay) => state switch
    {
        PowerState.D3Hot => d3HotDelay * 1.2,
        PowerState.D2 => TimeSpan.FromMicroseconds(200),
        _ => TimeSpan.Zero,
    };

    /// <inheritdoc cref="TransitionDelay(PowerState, TimeSpan)"/>
    internal TimeSpan TransitionDelay(PowerState state) => TransitionDelay(state, Hardware.D3HotDelay);

    /// <summary>
    /// The deepest state that is allowed, and from which the function can wake if it has to
    /// (<c>pci_target_state()</c>). The platform knows best; a function that it does not manage has the
    /// states of its PM capability.
    /// </summary>
    internal PowerState ChooseTargetState(bool wakes)
    {
        if (Platform is not null)
        {
            PowerState chosen = ChoosePlatformState(Platform);
            return chosen is PowerState.D1 or PowerState.D2 && !HasIntermediateState(chosen)
                ? PowerState.D3Hot
                : chosen;
        }

        // Somebody else cut its power: let it sleep on.
        if (PowerState == PowerState.D3Cold)
        {
            return PowerState.D3Cold;
        }

        return Pm is null ? PowerState.D0
            : wakes && Pm.SupportsPme ? DeepestPmeState(Pm)
            : PowerState.D3Hot;
    }

    private static PowerState DeepestPmeState(PmCapability pm)
    {
        for (PowerState state = PowerState.D3Hot; state >= PowerState.D0; state--)
        {
            if (pm.SupportsPmeFrom(state))
            {
                return state;
            }
        }

        return PowerState.D3Hot;
    }

    /// <summary>The registers' part of <see cref="PciPm.Initialize"/>.</summary>
    internal void InitializePowerManagement()
    {
        if (Hardware.Pm is not { } pm)
        {
            return;
        }

        if (pm.Version > 3)
        {
            PciPowerLog.UnsupportedPmVersion(Logger, Name, pm.Version);
            return;
        }

        Pm = pm;
        D3ColdAllowed = true;
        BridgeD3 = IsBridgeD3Possible;
        SetPmeActive(false);
    }
}
