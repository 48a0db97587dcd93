using System.Runtime.CompilerServices;

namespace VfioPm;

/// <summary>Says what an actor of an exploration may do (<see cref="Exploration.Where{T}"/>).</summary>
/// <remarks>
/// What he does is given as a function of his subject, for it is done in many forks of the host, to the subject's counterpart
/// in each. A function that begins a call (<c>device => device.BeginReset()</c>) lets others in wherever the kernel would; one
/// that makes it to its end (<c>device => device.Reset()</c>) does not, and lets time pass for it.
/// The schedule names a step by its source text, unless it is given a name.
/// </remarks>
/// <typeparam name="T">What he does things to.</typeparam>
public sealed class ActorSteps<T>
    where T : class, IForkable
{
    private readonly List<ActorStep> _steps = [];
    private Func<T, bool> _mayAct = static _ => true;

    internal ActorSteps()
    {
    }

    internal IReadOnlyList<ActorStep> Steps => _steps;

    internal bool MayAct(IForkable subject) => _mayAct((T)subject);

    /// <summary>He does nothing while this does not hold, such as once his device is closed.</summary>
    public ActorSteps<T> While(Func<T, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Func<T, bool> before = _mayAct;
        _mayAct = subject => before(subject) && condition(subject);
        return this;
    }

    /// <summary>He may do this at any time, as often as he likes.</summary>
    /// <param name="step">Does it, or begins to.</param>
    /// <param name="isPossible">Whether it can be done now; always, unless told.</param>
    /// <param name="operation">
    /// The operation of a scenario that does the same ("reset 0000:01:00.0"; <c>docs/scenarios.md</c>), for a counterexample to be tried on
    /// a real kernel (<see cref="Counterexample.Scenario"/>).
    /// </param>
    /// <param name="name">Its name in schedules: the source text of <paramref name="step"/>, unless told.</param>
    /// <exception cref="ArgumentException">He does something of that name already.</exception>
    public ActorSteps<T> Any(
        Func<T, PendingCall> step, Func<T, bool>? isPossible = null, string? operation = null,
        [CallerArgumentExpression(nameof(step))] string name = "") =>
        Add(name, step, isAtomic: false, isPossible, operation, isOnce: false, after: -1);

    /// <inheritdoc cref="Any(Func{T, PendingCall}, Func{T, bool}?, string?, string)"/>
    public ActorSteps<T> Any(
        Action<T> step, Func<T, bool>? isPossible = null, string? operation = null,
        [CallerArgumentExpression(nameof(step))] string name = "") =>
        Add(name, WithoutCall(step), isAtomic: true, isPossible, operation, isOnce: false, after: -1);

    /// <summary>He may do this at any time, but once.</summary>
    /// <inheritdoc cref="Any(Func{T, PendingCall}, Func{T, bool}?, string?, string)"/>
    public ActorSteps<T> Once(
        Func<T, PendingCall> step, Func<T, bool>? isPossible = null, string? operation = null,
        [CallerArgumentExpression(nameof(step))] string name = "") =>
        Add(name, step, isAtomic: false, isPossible, operation, isOnce: true, after: -1);

    /// <inheritdoc cref="Once(Func{T, PendingCall}, Func{T, bool}?, string?, string)"/>
    public ActorSteps<T> Once(
        Action<T> step, Func<T, bool>? isPossible = null, string? operation = null,
        [CallerArgumentExpression(nameof(step))] string name = "") =>
        Add(name, WithoutCall(step), isAtomic: true, isPossible, operation, isOnce: true, after: -1);

    /// <summary>Once he has done the step that was named before this one, he may do this, once.</summary>
    /// <inheritdoc cref="Any(Func{T, PendingCall}, Func{T, bool}?, string?, string)"/>
    public ActorSteps<T> Then(
        Func<T, PendingCall> step, Func<T, bool>? isPossible = null, string? operation = null,
        [CallerArgumentExpression(nameof(step))] string name = "") =>
        Add(name, step, isAtomic: false, isPossible, operation, isOnce: true, after: _steps.Count - 1);

    /// <inheritdoc cref="Then(Func{T, PendingCall}, Func{T, bool}?, string?, string)"/>
    public ActorSteps<T> Then(
        Action<T> step, Func<T, bool>? isPossible = null, string? operation = null,
        [CallerArgumentExpression(nameof(step))] string name = "") =>
        Add(name, WithoutCall(step), isAtomic: true, isPossible, operation, isOnce: true, after: _steps.Count - 1);

    private static Func<T, PendingCall?> WithoutCall(Action<T> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return subject =>
        {
            step(subject);
            return null;
        };
    }

    private ActorSteps<T> Add(
        string name, Func<T, PendingCall?> step, bool isAtomic, Func<T, bool>? isPossible, string? operation, bool isOnce, int after)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(name);
        var text = StepText.Of(name);
        if (_steps.Exists(known => known.Name == text.Name))
        {
            throw new ArgumentException($"There is a step \"{text.Name}\" already: give this one another name.", nameof(name));
        }

        _steps.Add(new ActorStep(
            text,
            subject => step((T)subject),
            subject => isPossible is null || isPossible((T)subject),
            isAtomic,
            isOnce,
            after,
            operation));
        return this;
    }
}
