namespace VfioPm;

/// <summary>Assertions about what the kernel returned to a call.</summary>
public sealed class KernelResultAssertions
{
    internal KernelResultAssertions(KernelResult? result) => Subject = result;

    /// <summary>What the kernel returned, or null for a call that is under way: every assertion but <see cref="BeNull"/> then fails.</summary>
    public KernelResult? Subject { get; }

    /// <summary>The call succeeded: it returned 0, or a count.</summary>
    public AndConstraint<KernelResultAssertions> Succeed(string because = "", params object[] becauseArgs) =>
        Assert(KernelResultCheck.Succeeded(Subject), because, becauseArgs);

    /// <summary>The call failed with this error.</summary>
    public AndConstraint<KernelResultAssertions> FailWith(
        Errno expected, string because = "", params object[] becauseArgs) =>
        Assert(KernelResultCheck.FailedWith(Subject, expected), because, becauseArgs);

    /// <summary>The call returned this: 0, a count, or an error.</summary>
    public AndConstraint<KernelResultAssertions> Be(
        KernelResult expected, string because = "", params object[] becauseArgs) =>
        Assert(KernelResultCheck.Is(Subject, expected), because, becauseArgs);

    /// <summary>The call did not return this.</summary>
    public AndConstraint<KernelResultAssertions> NotBe(
        KernelResult unexpected, string because = "", params object[] becauseArgs) =>
        Assert(KernelResultCheck.IsNot(Subject, unexpected), because, becauseArgs);

    /// <summary>The call is under way (<see cref="PendingCall.Result"/>): it has returned nothing yet.</summary>
    public AndConstraint<KernelResultAssertions> BeNull(string because = "", params object[] becauseArgs) =>
        Assert(KernelResultCheck.IsUnderWay(Subject), because, becauseArgs);

    private AndConstraint<KernelResultAssertions> Assert(StateCheck check, string because, object[] becauseArgs)
    {
        check.Look().Report(because, becauseArgs);
        return new AndConstraint<KernelResultAssertions>(this);
    }
}
