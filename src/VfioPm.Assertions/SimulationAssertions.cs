using FluentAssertions;
using FluentAssertions.Primitives;

namespace VfioPm;

/// <summary>What the assertions about all parts of the simulation have in common.</summary>
/// <typeparam name="TSubject">What is asserted about.</typeparam>
/// <typeparam name="TAssertions">The assertions themselves.</typeparam>
public abstract class SimulationAssertions<TSubject, TAssertions> : ObjectAssertions<TSubject, TAssertions>
    where TAssertions : SimulationAssertions<TSubject, TAssertions>
{
    private TimeSpan? _within;

    private protected SimulationAssertions(TSubject subject)
        : base(subject)
    {
    }

    /// <summary>
    /// Lets virtual time pass, event by event, until the next assertion holds, and no further; it fails if it does not
    /// within so much time. The assertions after that look at once again.
    /// </summary>
    public TAssertions Within(TimeSpan time)
    {
        _within = time;
        return (TAssertions)this;
    }

    /// <summary>Hands the check's verdict to FluentAssertions.</summary>
    private protected AndConstraint<TAssertions> Assert(StateCheck check, string because, object[] becauseArgs)
    {
        Verdict verdict = _within is { } time ? check.Within(time) : check.Look();
        _within = null;
        verdict.Report(because, becauseArgs);
        return new AndConstraint<TAssertions>((TAssertions)this);
    }
}
