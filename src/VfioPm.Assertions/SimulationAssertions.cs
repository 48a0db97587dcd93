namespace VfioPm;

/// <summary>What the assertions about all parts of the simulation have in common.</summary>
/// <typeparam name="TSubject">What is asserted about.</typeparam>
/// <typeparam name="TAssertions">The assertions themselves.</typeparam>
public abstract class SimulationAssertions<TSubject, TAssertions> : ObjectAssertions<TSubject, TAssertions>
    where TAssertions : SimulationAssertions<TSubject, TAssertions>
{
    private Func<StateCheck, Verdict> _ask = static check => check.Look();

    private protected SimulationAssertions(TSubject subject)
#if AWESOME
        : base(subject, AssertionChain.GetOrCreate())
#else
        : base(subject)
#endif
    {
    }

    /// <summary>
    /// Lets virtual time pass, event by event, until the next assertion holds, and no further; it fails if it does not
    /// within so much time. The assertions after that look at once again.
    /// </summary>
    /// <remarks>
    /// What is so as long as nothing happens (<c>NotBeIn</c>, <c>HaveStayedAsleep</c>) would be true at once, and the assertion
    /// throws an <see cref="InvalidOperationException"/>: that is asked with <see cref="Throughout"/>.
    /// </remarks>
    public TAssertions Within(TimeSpan time) => Ask(check => check.Within(time));

    /// <summary>
    /// Lets so much virtual time pass, event by event, and fails at the first moment at which the next assertion does not hold.
    /// The assertions after that look at once again.
    /// </summary>
    public TAssertions Throughout(TimeSpan time) => Ask(check => check.Throughout(time));

    /// <summary>Hands the check's verdict to FluentAssertions.</summary>
    private protected AndConstraint<TAssertions> Assert(StateCheck check, string because, object[] becauseArgs)
    {
        Func<StateCheck, Verdict> ask = _ask;
        _ask = static check => check.Look();
        ask(check).Report(because, becauseArgs);
        return new AndConstraint<TAssertions>((TAssertions)this);
    }

    private TAssertions Ask(Func<StateCheck, Verdict> ask)
    {
        _ask = ask;
        return (TAssertions)this;
    }
}
