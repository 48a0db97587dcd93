namespace VfioPm;

/// <summary>
/// A call that somebody else is making: it was begun, and goes on as time passes. What others may do meanwhile follows the
/// kernel's rules.
/// </summary>
public sealed class PendingCall : IForkable
{
    internal PendingCall(KernelThread thread) => Thread = thread;

    /// <summary>The thread that makes it: what it waits for and holds, and in which functions it is.</summary>
    public KernelThread Thread { get; }

    /// <summary>Whether the call returned.</summary>
    public bool IsCompleted => Thread.HasEnded;

    /// <summary>What the call returned, or null while it is under way.</summary>
    /// <exception cref="InvalidOperationException">A callback of the test threw inside the call; that is the inner exception.</exception>
    public KernelResult? Result => !Thread.HasEnded ? null
        : Thread.Thrown is { } thrown ? throw new InvalidOperationException($"The call threw: {thrown.Message}", thrown)
        : Thread.ResultOfCall;

    /// <summary>What the call waits for, or null where it only lets time pass, or returned.</summary>
    public string? WaitsFor => Thread.WaitsFor;

    /// <summary>The call in a fork of its host.</summary>
    IForkable IForkable.Fork(ForkContext fork) => new PendingCall(fork.Of(Thread));

    /// <inheritdoc/>
    public override string ToString() => Thread.ToString();
}
