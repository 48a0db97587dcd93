using System.Globalization;
using System.Text;

namespace VfioPm;

/// <summary>
/// The energy that a function took over some time: what its hardware was in, by the trace, times what that costs.
/// Whatever the kernel or a guest believes costs nothing.
/// </summary>
public sealed class EnergyAccount
{
    private const double JoulesPerWattHour = 3600;

    private static readonly PowerState[] Rated =
        [PowerState.D0, PowerState.D1, PowerState.D2, PowerState.D3Hot, PowerState.D3Cold];

    private readonly Dictionary<PowerState, Sojourn> _sojourns = Rated.ToDictionary(state => state, _ => default(Sojourn));

    private EnergyAccount(string device, PowerRating rating, TimeSpan since, TimeSpan until)
    {
        Device = device;
        Rating = rating;
        Since = since;
        Until = until;
    }

    /// <summary>Which function: "0000:01:00.0".</summary>
    public string Device { get; }

    /// <summary>What its states cost.</summary>
    public PowerRating Rating { get; }

    /// <summary>When the account begins, since boot.</summary>
    public TimeSpan Since { get; }

    /// <summary>When it ends.</summary>
    public TimeSpan Until { get; }

    /// <summary>Joules in all: of the states, and of the ways between them.</summary>
    public double Joules => Rated.Sum(JoulesIn);

    /// <summary>The same in watt-hours.</summary>
    public double WattHours => Joules / JoulesPerWattHour;

    /// <summary>The same in kilowatt-hours, as electricity is billed.</summary>
    public double KilowattHours => WattHours / 1000;

    /// <summary>Joules that the function would have taken, had it stayed in D0.</summary>
    public double JoulesInD0Throughout => Rating.D0.Watts * (Until - Since).TotalSeconds;

    /// <summary>Joules that sleeping saved, its transitions paid; negative where they cost more than the sleep saved.</summary>
    public double Saved => JoulesInD0Throughout - Joules;

    /// <summary>Watts on average.</summary>
    public double AverageWatts => Until > Since ? Joules / (Until - Since).TotalSeconds : 0;

    /// <summary>Makes up the account of a function from a moment until now.</summary>
    /// <param name="device">The function. It is taken to have been there all the time: nothing is plugged in meanwhile.</param>
    /// <param name="rating">What its states cost.</param>
    /// <param name="since">From when on, since boot; from the trace's beginning by default.</param>
    /// <exception cref="InvalidOperationException">The host's trace is off.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The trace does not go back so far, or the moment is to come.</exception>
    public static EnergyAccount Of(PciDevice device, PowerRating rating, TimeSpan? since = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(rating);
        HostTrace trace = HostTrace.Of(device.RuntimePm)
            ?? throw new InvalidOperationException($"The trace is off: nobody knows which states {device.Name} was in.");
        TimeSpan now = device.RuntimePm.Core.Clock.Now;
        TimeSpan begin = since ?? trace.Begin;
        trace.RefuseUnknown(begin);

        var account = new EnergyAccount(device.Name, rating, begin, now);
        account.Fill(trace.Entries.Where(entry =>
            entry.Kind == TraceKind.HardwareState && entry.Device == device.Name), device.Hardware.PowerState);
        return account;
    }

    /// <summary>How long the hardware was in a state.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No hardware is in that state.</exception>
    public TimeSpan TimeIn(PowerState state) => SojournIn(state).Time;

    /// <summary>How often it came to a state.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No hardware is in that state.</exception>
    public int EntriesInto(PowerState state) => SojournIn(state).Entries;

    /// <summary>Joules of a state: what it drew there, and what it took to get there and away.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No hardware is in that state.</exception>
    public double JoulesIn(PowerState state)
    {
        Sojourn sojourn = SojournIn(state);
        StateRating rating = Rating[state];
        return (rating.Watts * sojourn.Time.TotalSeconds)
            + (rating.EntryJoules * sojourn.Entries)
            + (rating.ExitJoules * sojourn.Exits);
    }

    /// <summary>Joules that a state saved against D0 for as long.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No hardware is in that state.</exception>
    public double SavedIn(PowerState state) => (Rating.D0.Watts * TimeIn(state).TotalSeconds) - JoulesIn(state);

    /// <summary>The account as lines: the states that the function was in, and the sum.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{Device}, {TimeText.Of(Since)} to {TimeText.Of(Until)}: {TextOf(Joules)}, {TextOf(Saved)} less than in D0");
        foreach (PowerState state in Rated.Where(state => TimeIn(state) > TimeSpan.Zero || EntriesInto(state) > 0))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {state.KernelName,-6} {TimeText.Of(TimeIn(state)),10}  {JoulesIn(state),8:0.00} J  saved {SavedIn(state),8:0.00} J");
        }

        return text.Append("  Figures: ").AppendLine(Rating.Source).ToString();
    }

    // From an hour of a watt on as it is billed, too.
    private static string TextOf(double joules) => Math.Abs(joules) < JoulesPerWattHour
        ? string.Create(CultureInfo.InvariantCulture, $"{joules:0.00} J")
        : string.Create(CultureInfo.InvariantCulture, $"{joules:0.00} J ({joules / JoulesPerWattHour:0.00} Wh)");

    private Sojourn SojournIn(PowerState state) => _sojourns.TryGetValue(state, out Sojourn sojourn)
        ? sojourn
        : throw new ArgumentOutOfRangeException(nameof(state), state, "Hardware is in D0 to D3cold.");

    private void Fill(IEnumerable<TraceEntry> changes, PowerState now)
    {
        TimeSpan from = Since;
        foreach (TraceEntry change in changes.Where(change => change.Time >= Since))
        {
            (PowerState before, PowerState after) = change.PowerState;
            _sojourns[before] = _sojourns[before].With(change.Time - from, exits: 1);
            _sojourns[after] = _sojourns[after].With(TimeSpan.Zero, entries: 1);
            from = change.Time;
        }

        _sojourns[now] = _sojourns[now].With(Until - from);
    }

    private readonly record struct Sojourn(TimeSpan Time, int Entries, int Exits)
    {
        public Sojourn With(TimeSpan time, int entries = 0, int exits = 0) =>
            new(Time + time, Entries + entries, Exits + exits);
    }
}
