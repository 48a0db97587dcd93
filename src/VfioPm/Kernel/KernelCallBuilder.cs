using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace VfioPm;

/// <summary>
/// What the compiler's code calls as a kernel function begins, waits, returns or throws (the public pattern of
/// <see cref="AsyncMethodBuilderAttribute"/>). It is a field of the function's state machine.
/// </summary>
/// <typeparam name="T">What the function returns.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
[StackTraceHidden]
[SuppressMessage("Design", "CA1000", Justification = "The compiler calls these, by their names.")]
[SuppressMessage("Performance", "CA1822", Justification = "The compiler calls these, on the builder.")]
public struct KernelCallBuilder<T> : IFrameLocal
{
    private KernelFrame<T>? _frame;
    private T _value;

    /// <summary>The call: returned, or waiting in its frame.</summary>
    public readonly KernelCall<T> Task => _frame is null ? new KernelCall<T>(_value) : new KernelCall<T>(_frame);

    /// <summary>A function begins.</summary>
    public static KernelCallBuilder<T> Create() => default;

    /// <summary>Runs it until it first waits, or to its end.</summary>
    public readonly void Start<TMachine>(ref TMachine machine)
        where TMachine : IAsyncStateMachine => machine.MoveNext();

    /// <summary>Of no use here: frames hold their machines as they are.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine machine)
    {
    }

    /// <summary>The function returns.</summary>
    public void SetResult(T value)
    {
        if (_frame is null)
        {
            _value = value;
        }
        else
        {
            _frame.Return(value);
        }
    }

    /// <summary>The function throws.</summary>
    public readonly void SetException(Exception exception) => KernelFrame.Fail(_frame, exception);

    /// <summary>The function has to wait: from the first time on its machine lives in a frame.</summary>
    public void AwaitUnsafeOnCompleted<TAwaiter, [DynamicallyAccessedMembers(FrameFields.Members)] TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : IKernelAwaiter
        where TMachine : IAsyncStateMachine
    {
        if (_frame is null)
        {
            KernelFrame<T, TMachine>.Enter(ref _frame, ref machine);
        }

        awaiter.Suspend(_frame!);
    }

    /// <inheritdoc cref="AwaitUnsafeOnCompleted"/>
    public void AwaitOnCompleted<TAwaiter, [DynamicallyAccessedMembers(FrameFields.Members)] TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : IKernelAwaiter
        where TMachine : IAsyncStateMachine => AwaitUnsafeOnCompleted(ref awaiter, ref machine);

    readonly object IFrameLocal.Fork(ForkContext fork) => new KernelCallBuilder<T> { _frame = fork.OfNullable(_frame), _value = _value };

    readonly void IFrameLocal.AddTo(ref StateHash hash)
    {
    }
}

/// <summary>The same for a function that returns nothing.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[StackTraceHidden]
[SuppressMessage("Design", "CA1000", Justification = "The compiler calls these, by their names.")]
[SuppressMessage("Performance", "CA1822", Justification = "The compiler calls these, on the builder.")]
public struct KernelCallBuilder : IFrameLocal
{
    private KernelFrame<NoValue>? _frame;

    /// <inheritdoc cref="KernelCallBuilder{T}.Task"/>
    public readonly KernelCall Task => new(_frame);

    /// <inheritdoc cref="KernelCallBuilder{T}.Create"/>
    public static KernelCallBuilder Create() => default;

    /// <inheritdoc cref="KernelCallBuilder{T}.Start"/>
    public readonly void Start<TMachine>(ref TMachine machine)
        where TMachine : IAsyncStateMachine => machine.MoveNext();

    /// <inheritdoc cref="KernelCallBuilder{T}.SetStateMachine"/>
    public readonly void SetStateMachine(IAsyncStateMachine machine)
    {
    }

    /// <inheritdoc cref="KernelCallBuilder{T}.SetResult"/>
    public readonly void SetResult()
    {
    }

    /// <inheritdoc cref="KernelCallBuilder{T}.SetException"/>
    public readonly void SetException(Exception exception) => KernelFrame.Fail(_frame, exception);

    /// <inheritdoc cref="KernelCallBuilder{T}.AwaitUnsafeOnCompleted"/>
    public void AwaitUnsafeOnCompleted<TAwaiter, [DynamicallyAccessedMembers(FrameFields.Members)] TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : IKernelAwaiter
        where TMachine : IAsyncStateMachine
    {
        if (_frame is null)
        {
            KernelFrame<NoValue, TMachine>.Enter(ref _frame, ref machine);
        }

        awaiter.Suspend(_frame!);
    }

    /// <inheritdoc cref="AwaitUnsafeOnCompleted"/>
    public void AwaitOnCompleted<TAwaiter, [DynamicallyAccessedMembers(FrameFields.Members)] TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : IKernelAwaiter
        where TMachine : IAsyncStateMachine => AwaitUnsafeOnCompleted(ref awaiter, ref machine);

    readonly object IFrameLocal.Fork(ForkContext fork) => new KernelCallBuilder { _frame = fork.OfNullable(_frame) };

    readonly void IFrameLocal.AddTo(ref StateHash hash)
    {
    }

    /// <summary>The value of what returns nothing.</summary>
    internal readonly record struct NoValue;
}
