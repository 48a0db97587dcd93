namespace VfioPm;

/// <summary>Assertions about what reading an attribute in sysfs gave.</summary>
public sealed class SysfsResultAssertions
{
    internal SysfsResultAssertions(SysfsResult result) => Subject = result;

    /// <summary>What it gave.</summary>
    public SysfsResult Subject { get; }

    /// <summary>The attribute was read.</summary>
    public AndConstraint<SysfsResultAssertions> Succeed(string because = "", params object[] becauseArgs) =>
        Assert(SysfsResultCheck.Succeeded(Subject), because, becauseArgs);

    /// <summary>The attribute could not be read, with this error.</summary>
    public AndConstraint<SysfsResultAssertions> FailWith(
        Errno expected, string because = "", params object[] becauseArgs) =>
        Assert(SysfsResultCheck.FailedWith(Subject, expected), because, becauseArgs);

    /// <summary>The attribute holds this text.</summary>
    public AndConstraint<SysfsResultAssertions> Be(
        string expected, string because = "", params object[] becauseArgs) =>
        Assert(SysfsResultCheck.Is(Subject, expected), because, becauseArgs);

    /// <summary>The attribute was read, and holds another text.</summary>
    public AndConstraint<SysfsResultAssertions> NotBe(
        string unexpected, string because = "", params object[] becauseArgs) =>
        Assert(SysfsResultCheck.IsNot(Subject, unexpected), because, becauseArgs);

    private AndConstraint<SysfsResultAssertions> Assert(StateCheck check, string because, object[] becauseArgs)
    {
        check.Look().Report(because, becauseArgs);
        return new AndConstraint<SysfsResultAssertions>(this);
    }
}
