namespace VfioPm;

/// <summary>Assertions about what the kernel said in its log.</summary>
public sealed class KernelLogAssertions : SimulationAssertions<KernelLog, KernelLogAssertions>
{
    internal KernelLogAssertions(KernelLog log)
        : base(log)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "log";

    /// <summary>A line contains this text.</summary>
    public AndConstraint<KernelLogAssertions> Say(string text, string because = "", params object[] becauseArgs) =>
        Assert(KernelLogCheck.Says(Subject, text), because, becauseArgs);

    /// <summary>No line contains this text.</summary>
    public AndConstraint<KernelLogAssertions> NeverSay(string text, string because = "", params object[] becauseArgs) =>
        Assert(KernelLogCheck.NeverSays(Subject, text), because, becauseArgs);

    /// <summary>No line is a warning, or worse.</summary>
    public AndConstraint<KernelLogAssertions> HaveNoWarnings(string because = "", params object[] becauseArgs) =>
        Assert(KernelLogCheck.IsWithoutWarnings(Subject), because, becauseArgs);
}
