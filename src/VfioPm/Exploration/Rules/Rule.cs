namespace VfioPm;

/// <summary>
/// A principle that a host keeps in every order in which things can happen. It is looked at after everything that happens.
/// </summary>
public abstract class Rule
{
    /// <param name="id">Its name in reports: "unpowered-access".</param>
    /// <param name="principle">What holds, in a sentence.</param>
    /// <param name="source">Why: sections of specifications, documents and functions of the kernel.</param>
    private protected Rule(string id, string principle, string source)
    {
        Id = id;
        Principle = principle;
        Source = source;
    }

    /// <summary>Its name in reports: "unpowered-access".</summary>
    public string Id { get; }

    /// <summary>What holds, in a sentence.</summary>
    public string Principle { get; }

    /// <summary>Why: sections of specifications, documents and functions of the kernel.</summary>
    public string Source { get; }

    /// <inheritdoc/>
    public override string ToString() => Id;

    /// <summary>Begins to watch a host.</summary>
    internal abstract RuleWatch Begin(SimulatedHost host);
}
