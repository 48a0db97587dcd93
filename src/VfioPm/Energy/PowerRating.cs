namespace VfioPm;

/// <summary>
/// What a function costs in each D-state. The specifications give limits only (PCI Express Card Electromechanical,
/// chapter 4); what a card really draws is in its data sheet, or measured.
/// </summary>
public sealed record PowerRating
{
    private readonly StateRating? _d1;
    private readonly StateRating? _d2;

    /// <summary>
    /// A 10/100 Mbit/s network controller of 1999, by what its own Data register reports (PCI PM 1.2, section 3.2.6): at
    /// most 580 mW in D0 and 400 mW in each sleep with power. The card of the recordings' conventional machine.
    /// </summary>
    public static PowerRating Intel82559 { get; } = new()
    {
        Source = "Intel 8255x Open Source Software Developer Manual, table 6 (maxima, by the Data register)",
        D0 = 0.58,
        D1 = 0.40,
        D2 = 0.40,
        D3Hot = 0.40,
        D3Cold = 0.0,
    };

    /// <summary>
    /// A laptop's graphics processor that does nothing (GeForce GTX 1650 Max-Q): the whole machine drew 5 W with it in
    /// D3cold, 7 W with it on and no driver, 10 W and more with its driver. D3hot was not measured; it is taken for no
    /// better than on without a driver.
    /// </summary>
    public static PowerRating LaptopGpu { get; } = new()
    {
        Source = "linux-surface wiki, Runtime Power Management (GTX 1650 Max-Q, whole machine, informal)",
        D0 = 5.0,
        D3Hot = 2.0,
        D3Cold = 0.0,
    };

    /// <summary>Where the figures are from.</summary>
    public required string Source { get; init; }

    /// <summary>Operating, with nothing to do.</summary>
    public required StateRating D0 { get; init; }

    /// <summary>D1; as D0 unless told.</summary>
    public StateRating D1
    {
        get => _d1 ?? D0;
        init => _d1 = value;
    }

    /// <summary>D2; as D1 unless told.</summary>
    public StateRating D2
    {
        get => _d2 ?? D1;
        init => _d2 = value;
    }

    /// <summary>Asleep with power.</summary>
    public required StateRating D3Hot { get; init; }

    /// <summary>Without main power: what still comes in over the auxiliary supply.</summary>
    public required StateRating D3Cold { get; init; }

    /// <summary>What a state costs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a state that hardware can be in.</exception>
    public StateRating this[PowerState state] => state switch
    {
        PowerState.D0 => D0,
        PowerState.D1 => D1,
        PowerState.D2 => D2,
        PowerState.D3Hot => D3Hot,
        PowerState.D3Cold => D3Cold,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Hardware is in D0 to D3cold."),
    };

    /// <summary>How long a sleep must last until it has saved what going there and back costs.</summary>
    /// <returns>Null where it never does: the state draws no less than D0.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No state of hardware.</exception>
    public TimeSpan? BreakEven(PowerState state)
    {
        StateRating rating = this[state];
        double saved = D0.Watts - rating.Watts;
        return saved > 0 ? TimeSpan.FromSeconds((rating.EntryJoules + rating.ExitJoules) / saved) : null;
    }
}
