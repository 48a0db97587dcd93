namespace VfioPm;

/// <summary>
/// A call that another actor is making: it was begun, and goes on while the clock is advanced. What others may
/// do meanwhile follows the kernel's rules.
/// </summary>
public sealed class PendingCall
{
    private readonly Actor _actor;

    internal PendingCall(Actor actor) => _actor = actor;

    /// <summary>Whether the call returned.</summary>
    public bool IsCompleted => _actor.IsDone;

    /// <summary>What the call returned, or null while it is under way.</summary>
    public KernelResult? Result => _actor.IsDone ? _actor.Result : null;
}
