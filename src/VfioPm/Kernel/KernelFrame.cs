using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace VfioPm;

/// <summary>
/// A kernel function that waits: its locals and the place where it goes on. A thread's frames, each linked to its caller,
/// are that thread's stack.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class KernelFrame : IForkable
{
    private ExceptionDispatchInfo? _thrown;

    private protected KernelFrame()
    {
    }

    /// <summary>The function that awaits this one; null for a thread's outermost.</summary>
    internal KernelFrame? Caller { get; set; }

    /// <summary>The function's name: "Rpm.Suspend".</summary>
    internal abstract string Function { get; }

    /// <inheritdoc/>
    public abstract IForkable Fork(ForkContext fork);

    internal static NotSupportedException Misuse() => new("Only functions of the simulated kernel can await this.");

    /// <summary>Goes on until the function waits again, returns or throws.</summary>
    internal abstract void MoveNext();

    internal abstract void AddTo(ref StateHash hash);

    /// <summary>What the function returned, where that is a code; else 0. The frame is used up.</summary>
    internal abstract KernelResult TakeCode(out ExceptionDispatchInfo? thrown);

    internal void Fail(ExceptionDispatchInfo thrown) => _thrown = thrown;

    /// <summary>Gives the frame back, with what was thrown.</summary>
    private protected ExceptionDispatchInfo? Release()
    {
        ExceptionDispatchInfo? thrown = _thrown;
        _thrown = null;
        Caller = null;
        return thrown;
    }
}

/// <summary>The same, with what the function returns.</summary>
/// <typeparam name="T">What the function returns.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class KernelFrame<T> : KernelFrame
{
    private T _value = default!;

    private protected KernelFrame()
    {
    }

    internal void Return(T value) => _value = value;

    /// <summary>What the function returned, or throws what it threw. The frame is used up.</summary>
    [StackTraceHidden]
    internal T TakeResult()
    {
        T value = Take(out ExceptionDispatchInfo? thrown);
        thrown?.Throw();
        return value;
    }

    internal override KernelResult TakeCode(out ExceptionDispatchInfo? thrown) =>
        Take(out thrown) is KernelResult code ? code : KernelResult.Success;

    private protected abstract void GiveBack();

    private T Take(out ExceptionDispatchInfo? thrown)
    {
        T value = _value;
        _value = default!;
        thrown = Release();
        GiveBack();
        return value;
    }
}

/// <summary>The frame of one function, by the type of its state machine.</summary>
/// <typeparam name="T">What the function returns.</typeparam>
/// <typeparam name="TMachine">The compiler's state machine: a struct, or a class where the compiler does not optimize.</typeparam>
internal sealed class KernelFrame<
    T,
    [DynamicallyAccessedMembers(FrameFields.Members)] TMachine> : KernelFrame<T>
    where TMachine : IAsyncStateMachine
{
    // A frame may be rented on one processor and given back on another.
    private const int MostUnused = 16;

    private static readonly FrameFields Fields = FrameFields.Of(typeof(TMachine));

    // Those that are not in use, for this processor.
    [ThreadStatic]
    private static KernelFrame<T, TMachine>? _unused;

    [ThreadStatic]
    private static int _unusedCount;

    private TMachine _machine = default!;
    private KernelFrame<T, TMachine>? _next;

    internal override string Function => Fields.Function;

    public static KernelFrame<T, TMachine> Rent()
    {
        if (_unused is not { } frame)
        {
            return new KernelFrame<T, TMachine>();
        }

        _unused = frame._next;
        _unusedCount--;
        frame._next = null;
        return frame;
    }

    public void Hold(in TMachine machine) => _machine = machine;

    internal override void MoveNext() => _machine.MoveNext();

    public override IForkable Fork(ForkContext fork)
    {
        KernelFrame<T, TMachine> copy = Rent();
        fork.Register(this, copy);
        copy.Caller = fork.OfNullable(Caller);
        copy._machine = (TMachine)Fields.Fork(_machine, fork);
        return copy;
    }

    internal override void AddTo(ref StateHash hash) => Fields.AddTo(_machine, ref hash);

    private protected override void GiveBack()
    {
        _machine = default!;
        if (_unusedCount < MostUnused)
        {
            _next = _unused;
            _unused = this;
            _unusedCount++;
        }
    }
}
