namespace VfioPm;

/// <summary>
/// A question about the simulation that can be asked again and again: whether something is as expected and, if not, what
/// happened instead, when and why. The classes beside it make them, each for one kind of subject.
/// </summary>
/// <example>
/// <c>PciDeviceCheck.IsIn(nic, PowerState.D3Cold).Verify(within: TimeSpan.FromSeconds(2));</c>
/// </example>
public sealed class StateCheck
{
    private readonly VirtualClock? _clock;
    private readonly string _subject;
    private readonly string _expected;
    private readonly Func<bool> _holds;
    private readonly Func<string> _found;
    private readonly Func<Story> _explanation;

    /// <summary>A question.</summary>
    /// <param name="clock">What shows the subject's time; null for a subject that has none.</param>
    /// <param name="subject">What is looked at: "0000:01:00.0".</param>
    /// <param name="expected">What is expected of it: "to be in D3cold".</param>
    /// <param name="holds">Whether it is so now.</param>
    /// <param name="found">What is so now, expected or not: "it is in D3hot".</param>
    /// <param name="explanation">What explains that it is not as expected.</param>
    internal StateCheck(
        VirtualClock? clock,
        string subject,
        string expected,
        Func<bool> holds,
        Func<string> found,
        Func<Story> explanation)
    {
        _clock = clock;
        Aliases = clock?.Aliases ?? DeviceAliases.None;
        _subject = subject;
        _expected = expected;
        _holds = holds;
        _found = found;
        _explanation = explanation;
    }

    /// <summary>
    /// Whether it is so as long as nothing happens: time can only break it, and waiting until it is so proves nothing.
    /// </summary>
    internal bool IsLasting { get; init; }

    /// <summary>What the test calls devices; it is said in the answers.</summary>
    internal DeviceAliases Aliases { get; init; }

    /// <summary>The answer now. No time passes.</summary>
    public Verdict Look()
    {
        bool holds = _holds();
        return Answer(holds, _expected, _found(), static story => story);
    }

    /// <summary>
    /// Lets time pass, event by event, until it is as expected or the time is up. The clock then shows when that came
    /// true; it goes no further.
    /// </summary>
    /// <param name="time">How long at most.</param>
    /// <exception cref="InvalidOperationException">
    /// The subject belongs to no host, so there is no time to let pass; or it is so as long as nothing happens, which would be
    /// true at once: that is asked with <see cref="Throughout"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or beyond what a clock can show.</exception>
    public Verdict Within(TimeSpan time) => Await(time, nameof(time));

    /// <summary>
    /// Lets all of the time pass, event by event, and looks that it is as expected at every moment. The clock stops at the first
    /// moment that breaks it.
    /// </summary>
    /// <param name="time">How long.</param>
    /// <exception cref="InvalidOperationException">The subject belongs to no host, so there is no time to let pass.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or beyond what a clock can show.</exception>
    public Verdict Throughout(TimeSpan time)
    {
        VirtualClock clock = ClockToAdvance();
        TimeSpan begin = clock.Now;
        bool holds = !clock.AdvanceUntil(() => !_holds(), time, nameof(time));
        string passed = TimeText.Of(clock.Now - begin);
        return Answer(
            holds, $"{_expected} throughout {TimeText.Of(time)}", $"after {passed} {_found()}", static story => story);
    }

    /// <summary>Fails the test, whatever its framework, if it is not as expected.</summary>
    /// <exception cref="CheckFailedException">It is not; the message explains.</exception>
    public void Verify() => Look().ThrowIfNot();

    /// <summary>Fails the test if it does not become as expected: <see cref="Within"/>.</summary>
    /// <param name="within">How long to wait at most.</param>
    /// <exception cref="CheckFailedException">It does not; the message explains.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or beyond what a clock can show.</exception>
    public void Verify(TimeSpan within) => Await(within, nameof(within)).ThrowIfNot();

    /// <summary>Fails the test if it does not stay as expected: <see cref="Throughout"/>.</summary>
    /// <param name="time">How long it has to.</param>
    /// <exception cref="CheckFailedException">It does not; the message explains.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative, or beyond what a clock can show.</exception>
    public void VerifyThroughout(TimeSpan time) => Throughout(time).ThrowIfNot();

    private Verdict Await(TimeSpan time, string name)
    {
        VirtualClock clock = ClockToAdvance();
        if (IsLasting)
        {
            throw new InvalidOperationException(
                $"Whether {_subject} is {_expected} cannot be waited for: it is so as long as nothing happens, and would be true at "
                + $"once. Throughout({TimeText.Of(time)}) lets the time pass and looks that nothing breaks it.");
        }

        TimeSpan begin = clock.Now;
        bool holds = clock.AdvanceUntil(_holds, time, name);
        string passed = TimeText.Of(clock.Now - begin);
        return Answer(
            holds,
            $"{_expected} within {TimeText.Of(time)}",
            holds ? $"{_found()} after {passed}" : $"after {passed} {_found()}",
            story => story.StillToCome(clock));
    }

    private VirtualClock ClockToAdvance() => _clock
        ?? throw new InvalidOperationException($"{_subject} belongs to no host, whose clock could be advanced.");

    private Verdict Answer(bool holds, string expected, string found, Func<Story, Story> end) => new(
        holds,
        Aliases.In(_subject),
        Aliases.In(expected),
        Aliases.In(found),
        holds ? "" : Aliases.In(end(_explanation().FailedCalls(_clock)).ToString()));
}
