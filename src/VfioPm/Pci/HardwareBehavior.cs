namespace VfioPm;

/// <summary>
/// How faithful a function's silicon is to the specifications. Every deviation is named for what the silicon
/// does; all are off in <see cref="Specification"/>.
/// </summary>
/// <remarks>
/// What users report of real silicon comes down to two kinds: it does not do what PMCSR says, or it does not answer
/// when it should. The second is one idea with a length each time, from slow to dead (<see cref="Forever"/>): a
/// function that is silent has power, but reads all ones and drops writes, whatever resets it. One that will answer asks to
/// be tried again meanwhile, and a root port that software told to shows that (<see cref="PciFunction.IsRetrying"/>).
/// </remarks>
public sealed record HardwareBehavior
{
    /// <summary>Silence that only a loss of power ends, and with <see cref="AnswersAfterBusReset"/> a reset of the bus.</summary>
    public static readonly TimeSpan Forever = TimeSpan.MaxValue;

    /// <summary>What the specifications say.</summary>
    public static HardwareBehavior Specification { get; } = new();

    /// <summary>
    /// The emulator (QEMU 7.2) that the recordings were made on: its functions store the D-state and otherwise
    /// take no notice of it.
    /// </summary>
    public static HardwareBehavior Emulator { get; } = new()
    {
        KeepsRegistersOverD3Hot = true,
        AnswersMemoryInEveryState = true,
        KeepsPmcsrOverResets = true,
        UnansweredMemoryReadsZero = true,
        KeepsSriovOverResets = true,
        SendsNoPme = true,
        LetsCardGoWhenOff = true,
    };

    /// <summary>
    /// Leaving D3hot resets nothing, even where No_Soft_Reset is clear (PCI Power Management 1.2, section 5.4.1,
    /// demands a reset).
    /// </summary>
    public bool KeepsRegistersOverD3Hot { get; init; }

    /// <summary>Memory and I/O cycles are answered in D1, D2 and D3hot (section 5.4: only in D0).</summary>
    public bool AnswersMemoryInEveryState { get; init; }

    /// <summary>
    /// Memory reads that nothing answers give zeros (PCI Express Base, section 2.3.2: to software, all ones).
    /// </summary>
    public bool UnansweredMemoryReadsZero { get; init; }

    /// <summary>
    /// No reset touches PMCSR, not even a loss of power (section 5.4: D0 after every reset): a function that lost its power in
    /// D3hot comes back in D3hot, and one that was to signal PME# still is.
    /// </summary>
    public bool KeepsPmcsrOverResets { get; init; }

    /// <summary>
    /// Of the SR-IOV capability resets only clear the number of virtual functions (PCI Express Base, section 9.2.2: all
    /// of it): they are gone while software still reads VF Enable.
    /// </summary>
    public bool KeepsSriovOverResets { get; init; }

    /// <summary>
    /// Losing power resets the function, but it goes on answering: a platform whose "power resource" is a reset
    /// line (section 5.4.2: no answer).
    /// </summary>
    public bool AnswersWithoutPower { get; init; }

    /// <summary>
    /// Losing power does not even reset the function: a port whose "power resource" only switches what is below
    /// it. Together with <see cref="AnswersWithoutPower"/>, the function takes no notice at all.
    /// </summary>
    public bool KeepsRegistersWithoutPower { get; init; }

    /// <summary>
    /// PMCSR does not take D3hot, though every function with the capability has it (PCI Power Management 1.2, section
    /// 5.4.1).
    /// </summary>
    public bool IgnoresD3Hot { get; init; }

    /// <summary>
    /// Leaving D3hot resets the function although No_Soft_Reset is set (section 3.2.4: it keeps its context).
    /// </summary>
    public bool ResetsDespiteNoSoftReset { get; init; }

    /// <summary>
    /// Transfers of vital product data never come to an end (PCI Local Bus 3.0, appendix I: hardware turns the flag
    /// round), as with an empty or broken EEPROM.
    /// </summary>
    public bool NeverCompletesVpd { get; init; }

    /// <summary>
    /// How long the function is silent after it got power (PCI Express Base, section 6.6.1: 100 ms, and with CRS a
    /// second). <see cref="Forever"/>: it does not come back from D3cold.
    /// </summary>
    public TimeSpan SilenceAfterPowerOn { get; init; }

    /// <summary>
    /// How long the function is silent after it was told to leave D3hot (PCI Power Management 1.2, table 5-6: 10 ms).
    /// </summary>
    public TimeSpan SilenceAfterD3Hot { get; init; }

    /// <summary>
    /// How long the function is silent after a function level reset (PCI Express Base, section 6.6.2: 100 ms).
    /// <see cref="Forever"/>: the reset kills it.
    /// </summary>
    public TimeSpan SilenceAfterFunctionLevelReset { get; init; }

    /// <summary>
    /// A reset of the bus ends the function's silence, as with cards that a function level reset hangs and a hot reset cures (PCI Express
    /// Base, section 6.6.1: a hot reset is a conventional one, as a loss of power is).
    /// </summary>
    public bool AnswersAfterBusReset { get; init; }

    /// <summary>
    /// A PME is not sent anywhere (PCI Express Base, section 5.3.3), as with many real devices and ports: the kernel finds it when it
    /// looks.
    /// </summary>
    public bool SendsNoPme { get; init; }

    /// <summary>
    /// Requests that come while the function is silent are lost, and not completed with Request Retry Status (PCI Express Base, section
    /// 2.3.1).
    /// </summary>
    public bool DropsRequestsWhileNotReady { get; init; }

    /// <summary>
    /// The link below a port stays down once the port has lost its power (PCI Express Base, section 6.6.1: it trains
    /// within 20 ms).
    /// </summary>
    public bool LosesLinkWithPower { get; init; }

    /// <summary>
    /// A port with a slot lets the card go as soon as software switched the slot and its power indicator off (PCI Express Base, section
    /// 6.7.1.1: then somebody may take it out).
    /// </summary>
    public bool LetsCardGoWhenOff { get; init; }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(
            KeepsRegistersOverD3Hot,
            AnswersMemoryInEveryState,
            UnansweredMemoryReadsZero,
            KeepsPmcsrOverResets,
            KeepsSriovOverResets,
            AnswersWithoutPower,
            KeepsRegistersWithoutPower,
            IgnoresD3Hot,
            ResetsDespiteNoSoftReset,
            NeverCompletesVpd);
        hash.Add(SilenceAfterPowerOn.Ticks);
        hash.Add(SilenceAfterD3Hot.Ticks);
        hash.Add(SilenceAfterFunctionLevelReset.Ticks);
        hash.Add(DropsRequestsWhileNotReady, SendsNoPme, LosesLinkWithPower, LetsCardGoWhenOff, AnswersAfterBusReset);
    }
}
