using System.ComponentModel;

namespace VfioPm;

/// <summary>What a kernel function awaits that waits itself, and not for another function: a leaf of the calls.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct KernelWait : IKernelAwaiter, IFrameLocal
{
    private readonly KernelThread? _thread;

    /// <summary>A thread is to wait, and knows for what (<see cref="KernelThread.WillWait"/>).</summary>
    internal KernelWait(KernelThread thread) => _thread = thread;

    /// <summary>Whether there is nothing to wait for.</summary>
    public bool IsCompleted => _thread is null;

    /// <summary>A wait that is over.</summary>
    internal static KernelWait Over => default;

    /// <summary>What <c>await</c> asks for: a wait awaits itself.</summary>
    public KernelWait GetAwaiter() => this;

    /// <summary>A wait has no result.</summary>
    public void GetResult()
    {
    }

    /// <inheritdoc/>
    public void Suspend(KernelFrame frame) => _thread!.Suspend(frame);

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => throw KernelFrame.Misuse();

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => throw KernelFrame.Misuse();

    // What is waited for is the thread's matter from the moment on that it waits.
    object IFrameLocal.Fork(ForkContext fork) => Over;

    void IFrameLocal.AddTo(ref StateHash hash)
    {
    }
}

/// <summary>How a thread waits, which decides its place among what else happens at the moment when it goes on.</summary>
internal enum WaitKind
{
    /// <summary>Until somebody wakes it (<c>schedule()</c> on a wait queue or a lock).</summary>
    Woken,

    /// <summary>The same, but at most for a time (<c>wait_for_completion_timeout()</c>).</summary>
    WokenInTime,

    /// <summary>
    /// On the timer wheel (<c>msleep()</c>): after all else of that moment, and of several the last to fall asleep first,
    /// for the lists of the wheel are stacks.
    /// </summary>
    Sleep,

    /// <summary>
    /// On a high-resolution timer (<c>usleep_range()</c>): who fell asleep first wakes first; of a worker and a caller the
    /// worker, for it has run for less.
    /// </summary>
    Delay,

    /// <summary>It gives way to another that is ready, and is next in turn.</summary>
    Preempted,

    /// <summary>It gives way to all that is ready (<c>cond_resched()</c>).</summary>
    Resched,
}

/// <summary>Something whose changes threads wait for: a wait queue (<c>wait_queue_head_t</c>), a lock.</summary>
internal interface IWaitQueue : INumbered
{
    /// <summary>What is waited for, in a few words: "dev_set->lock of 0000:00:03.0".</summary>
    string WaitedFor { get; }
}
