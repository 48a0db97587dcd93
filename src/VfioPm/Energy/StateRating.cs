namespace VfioPm;

/// <summary>What one D-state costs a function.</summary>
/// <param name="Watts">What it draws while it is in the state, in watts.</param>
/// <param name="EntryJoules">What it takes to get there, in joules.</param>
/// <param name="ExitJoules">What it takes to leave it again, in joules: an inrush of current, firmware to load.</param>
/// <exception cref="ArgumentOutOfRangeException">A figure is negative or not finite.</exception>
public readonly record struct StateRating(double Watts, double EntryJoules = 0, double ExitJoules = 0)
{
    /// <summary>What it draws while it is in the state, in watts.</summary>
    public double Watts { get; } = Check(Watts, nameof(Watts));

    /// <summary>What it takes to get there, in joules.</summary>
    public double EntryJoules { get; } = Check(EntryJoules, nameof(EntryJoules));

    /// <summary>What it takes to leave it again, in joules.</summary>
    public double ExitJoules { get; } = Check(ExitJoules, nameof(ExitJoules));

    /// <summary>A state whose transitions cost nothing worth counting.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The figure is negative or not finite.</exception>
    public static implicit operator StateRating(double watts) => new(watts);

    private static double Check(double value, string name) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Neither power nor energy is negative or without end.");
}
