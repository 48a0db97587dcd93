using System.Globalization;
using System.Text;

namespace VfioPm;

/// <summary>What an exploration saw.</summary>
public sealed class ExplorationResult
{
    internal ExplorationResult(KernelProfile profile, Search search, IReadOnlyList<Counterexample> findings)
        : this(profile, findings, search.States, search.Depth, search.IsComplete)
    {
        StateHashes = search.Hashes;
    }

    internal ExplorationResult(
        KernelProfile profile, IReadOnlyList<Counterexample> findings, int states, int depth, bool isComplete)
    {
        Profile = profile;
        Findings = findings;
        States = states;
        Depth = depth;
        IsComplete = isComplete;
    }

    /// <summary>Which kernel it was.</summary>
    public KernelProfile Profile { get; }

    /// <summary>How many states were seen.</summary>
    public int States { get; }

    /// <summary>How many choices the longest way has.</summary>
    public int Depth { get; }

    /// <summary>Whether all that the options allow was looked at.</summary>
    public bool IsComplete { get; }

    /// <summary>The rules that were broken, each in one order; those that were found first come first.</summary>
    public IReadOnlyList<Counterexample> Findings { get; }

    /// <summary>The hashes of the states, where this is a shard's.</summary>
    internal IReadOnlyList<ulong> StateHashes { get; } = [];

    /// <summary>Whether every rule held.</summary>
    public bool Holds => Findings.Count == 0;

    /// <summary>Whether every rule held in every order that was looked at, with the stories of those that did not.</summary>
    public Verdict HoldsInEveryOrder => new(
        Holds, "the host", "to keep every rule in every order", Holds ? $"it does in {States} states" : $"{Findings.Count} broke", ToString());

    /// <summary>Whether a rule was broken in some order.</summary>
    public Verdict Breaks(Rule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        Counterexample? finding = Find(rule.Id);
        return new Verdict(
            finding is not null, "the host", $"to break {rule} in some order", finding?.How ?? $"it holds in {States} states", ToString());
    }

    /// <summary>The first finding of a rule, or null.</summary>
    public Counterexample? Find(string rule) => Findings.FirstOrDefault(finding => finding.Rule.Id == rule);

    /// <summary>How much was seen, and each finding's story.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Profile}: {States} states, depth {Depth}, {(IsComplete ? "complete" : "not complete")}, {Findings.Count} findings");
        foreach (Counterexample finding in Findings)
        {
            text.AppendLine().AppendLine().Append(finding.Story.TrimEnd());
        }

        return text.ToString();
    }
}
