using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace VfioPm;

/// <summary>Something of the kernel that can be awaited: a wait, or another kernel function.</summary>
/// <remarks>
/// <see cref="KernelCallBuilder{T}"/> asks for it, and so awaiting anything else, such as a task, does not compile.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IKernelAwaiter : ICriticalNotifyCompletion
{
    /// <summary>The function of this frame waits for it.</summary>
    void Suspend(KernelFrame frame);
}

/// <summary>What the compiler's code does with a <see cref="KernelCall{T}"/> that it awaits.</summary>
/// <typeparam name="T">What the awaited function returns.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct KernelCallAwaiter<T> : IKernelAwaiter, IFrameLocal
{
    private readonly KernelFrame<T>? _frame;
    private readonly T _value;

    internal KernelCallAwaiter(KernelFrame<T>? frame, T value)
    {
        _frame = frame;
        _value = value;
    }

    /// <summary>Whether the awaited function returned without waiting.</summary>
    public bool IsCompleted => _frame is null;

    /// <summary>What it returned, or threw.</summary>
    public T GetResult() => _frame is null ? _value : _frame.TakeResult();

    /// <inheritdoc/>
    public void Suspend(KernelFrame frame) => _frame!.Caller = frame;

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => throw KernelFrame.Misuse();

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => throw KernelFrame.Misuse();

    object IFrameLocal.Fork(ForkContext fork) => new KernelCallAwaiter<T>(fork.OfNullable(_frame), _value);

    // The frame that is awaited adds itself, for the thread hashes its frames one by one.
    void IFrameLocal.AddTo(ref StateHash hash)
    {
    }
}

/// <summary>The same for a <see cref="KernelCall"/>, which returns nothing.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct KernelCallAwaiter : IKernelAwaiter, IFrameLocal
{
    private readonly KernelFrame? _frame;

    internal KernelCallAwaiter(KernelFrame? frame) => _frame = frame;

    /// <inheritdoc cref="KernelCallAwaiter{T}.IsCompleted"/>
    public bool IsCompleted => _frame is null;

    /// <summary>Nothing, or what the awaited function threw.</summary>
    public void GetResult() => _frame?.Finish();

    /// <inheritdoc/>
    public void Suspend(KernelFrame frame) => _frame!.Caller = frame;

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => throw KernelFrame.Misuse();

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => throw KernelFrame.Misuse();

    object IFrameLocal.Fork(ForkContext fork) => new KernelCallAwaiter(fork.OfNullable(_frame));

    // See KernelCallAwaiter<T>.
    void IFrameLocal.AddTo(ref StateHash hash)
    {
    }
}
