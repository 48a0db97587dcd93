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
    internal abstract int TakeCode(out ExceptionDispatchInfo? thrown);

    /// <summary>Throws what the function threw, if it did. The frame is used up.</summary>
    internal abstract void Finish();

    /// <summary>
    /// The function of a frame, or of none yet, throws. One that never waited does so right through its caller, who is below
    /// it on the stack. One that waited was called by nobody but its thread; its caller is another frame, and what was thrown
    /// waits there to be thrown again, so that the caller's own <c>finally</c> gives its locks back.
    /// </summary>
    [StackTraceHidden]
    internal static void Fail(KernelFrame? frame, Exception exception)
    {
        var thrown = ExceptionDispatchInfo.Capture(exception);
        if (frame is null)
        {
            thrown.Throw();
        }

        frame._thrown = thrown;
    }

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

    [StackTraceHidden]
    internal sealed override void Finish() => TakeResult();

    internal override int TakeCode(out ExceptionDispatchInfo? thrown) => Take(out thrown) is int code ? code : 0;

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

    // What it adds to a hash, once somebody asked; nothing where that may change while the function waits.
    private ulong? _digest;

    internal override string Function => Fields.Function;

    /// <summary>The function of a machine has to wait for the first time: the machine moves into a frame.</summary>
    /// <param name="frame">The field of the machine's builder that says so.</param>
    /// <param name="machine">The machine.</param>
    public static void Enter(ref KernelFrame<T>? frame, ref TMachine machine)
    {
        KernelFrame<T, TMachine> entered = Rent();

        // First, for it is part of the machine that is copied.
        frame = entered;
        entered._machine = machine;
    }

    private static KernelFrame<T, TMachine> Rent()
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

    internal override void MoveNext()
    {
        _machine.MoveNext();
        _digest = null;
    }

    public override IForkable Fork(ForkContext fork)
    {
        KernelFrame<T, TMachine> copy = Rent();
        fork.Register(this, copy);
        copy.Caller = fork.OfNullable(Caller);
        copy._machine = (TMachine)Fields.Fork(_machine, fork);
        copy._digest = _digest;
        return copy;
    }

    internal override void AddTo(ref StateHash hash)
    {
        if (_digest is null)
        {
            StateHash own = StateHash.Empty;
            if (!Fields.AddTo(_machine, ref own))
            {
                Fields.AddTo(_machine, ref hash);
                return;
            }

            _digest = own.Value;
        }

        hash.Add((long)_digest);
    }

    private protected override void GiveBack()
    {
        _machine = default!;
        _digest = null;
        if (_unusedCount < MostUnused)
        {
            _next = _unused;
            _unused = this;
            _unusedCount++;
        }
    }
}
