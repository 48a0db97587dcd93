namespace VfioPm;

/// <summary>Assertions about what an exploration saw.</summary>
public sealed class ExplorationAssertions : ReferenceTypeAssertions<ExplorationResult, ExplorationAssertions>
{
    internal ExplorationAssertions(ExplorationResult result)
#if AWESOME
        : base(result, AssertionChain.GetOrCreate())
#else
        : base(result)
#endif
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "exploration";

    /// <summary>Every rule held in every order that was looked at; elsewise the message tells the story of each that broke.</summary>
    public AndConstraint<ExplorationAssertions> HoldInEveryOrder(string because = "", params object[] becauseArgs)
    {
        Subject.HoldsInEveryOrder.Report(because, becauseArgs);
        return new AndConstraint<ExplorationAssertions>(this);
    }

    /// <summary>A rule was broken in some order: <c>Which</c> is the first that was found.</summary>
    public AndWhichConstraint<ExplorationAssertions, Counterexample> Break(
        Rule rule, string because = "", params object[] becauseArgs)
    {
        Subject.Breaks(rule).Report(because, becauseArgs);
        return new AndWhichConstraint<ExplorationAssertions, Counterexample>(this, Subject.Find(rule.Id)!);
    }
}
