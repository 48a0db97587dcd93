using System.Globalization;

namespace VfioPm;

/// <summary>
/// Who did what in which order, by name: it is printed as one line, and the exploration that found it replays it from that line.
/// </summary>
/// <remarks>
/// "guest: …" is what an actor did; "time passes" that nobody did anything until nothing was left to happen; anything else what
/// became due and was chosen. " @3" at the end: it came in the middle of what ran then, when that had passed three places where
/// it could have lost the processor before.
/// </remarks>
public sealed class Schedule
{
    /// <summary>What stands between two choices, and in no name.</summary>
    internal const char Separator = ';';

    /// <summary>What stands before the number of a stop.</summary>
    internal const char StopMark = '@';

    /// <summary>What happens by itself where nobody does anything.</summary>
    internal const string Settle = "time passes";

    internal Schedule(IReadOnlyList<string> choices) => Choices = choices;

    /// <summary>The choices, in order.</summary>
    public IReadOnlyList<string> Choices { get; }

    /// <summary>How often a thread loses the processor in it that could have gone on.</summary>
    public int Preemptions => Choices.Count(static choice => Split(choice).Stop != Choice.NoStop);

    /// <summary>The schedule of a line.</summary>
    /// <exception cref="FormatException">It has an empty place, or a stop that is no number.</exception>
    public static Schedule Parse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string[] names = line.Split(Separator, StringSplitOptions.TrimEntries);
        int empty = Array.IndexOf(names, "");
        return names is [""] ? new Schedule([])
            : empty >= 0 ? throw new FormatException($"The schedule names nothing at its place {empty + 1}: \"{line}\".")
            : Array.Find(names, static name => !HasValidStop(name)) is { } wrong
                ? throw new FormatException($"What follows {StopMark} is the number of a stop: \"{wrong}\".")
                : new Schedule(names);
    }

    /// <summary>One line.</summary>
    public override string ToString() => string.Join($"{Separator} ", Choices);

    /// <summary>How a choice is written.</summary>
    internal static string Write(string name, int stop) => stop == Choice.NoStop
        ? name
        : string.Create(CultureInfo.InvariantCulture, $"{name} {StopMark}{stop}");

    /// <summary>Undoes <see cref="Write"/>.</summary>
    internal static (string Name, int Stop) Split(string choice) => choice.IndexOf(StopMark, StringComparison.Ordinal) is int mark and >= 0
        ? (choice[..mark].TrimEnd(), int.Parse(choice[(mark + 1)..], CultureInfo.InvariantCulture))
        : (choice, Choice.NoStop);

    private static bool HasValidStop(string choice) => choice.IndexOf(StopMark, StringComparison.Ordinal) is var mark
        && (mark < 0 || (mark > 0 && int.TryParse(choice[(mark + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _)));
}
