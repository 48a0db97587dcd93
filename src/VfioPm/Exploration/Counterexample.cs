namespace VfioPm;

/// <summary>One order of things in which a rule is broken, as short as it was found.</summary>
public sealed class Counterexample
{
    private readonly Finding _finding;
    private readonly Lazy<ToldSchedule> _told;

    internal Counterexample(Finding finding, IReadOnlyList<int> place, Func<ToldSchedule> tell)
    {
        _finding = finding;
        Place = place;
        _told = new Lazy<ToldSchedule>(tell);
    }

    /// <summary>The rule.</summary>
    public Rule Rule => _finding.Rule;

    /// <summary>What was seen.</summary>
    public string How => _finding.How;

    /// <summary>Who did what in which order.</summary>
    public Schedule Schedule => _finding.Schedule;

    /// <summary>Where it stands among all ways: of two equally long the one that a search comes to first has the smaller one.</summary>
    internal IReadOnlyList<int> Place { get; }

    /// <summary>The host at the end of the schedule, with the trace of all that happened since the beginning.</summary>
    public SimulatedHost Host => _told.Value.Host;

    /// <summary>What happens, choice by choice, with the guest's, the kernel's and the hardware's view after each.</summary>
    public string Story => _told.Value.Text;

    /// <summary>The same as a picture whose steps are the choices; as a page (<see cref="PictureFormat.Html"/>) it has them all.</summary>
    public Picture ToPicture() => _told.Value.Picture;

    /// <summary>The same as C#, to be pasted into a test.</summary>
    public string Test => _told.Value.Code;

    /// <summary>
    /// The same as a scenario (<c>docs/scenarios.md</c>), to be tried on a real kernel: what was done in the middle of another's call is in
    /// a <c>par</c>. Which of several threads that are ready goes first is the kernel's matter. Null where a thread is interrupted in the middle of its
    /// call, and where somebody did what no scenario can say: a step that has no <c>operation</c>.
    /// </summary>
    public string? Scenario => _told.Value.Scenario;

    /// <summary>The rule, what was seen, and the schedule.</summary>
    public override string ToString() => $"{Rule.Id}: {How} [{Schedule}]";
}
