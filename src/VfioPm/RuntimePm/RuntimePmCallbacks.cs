namespace VfioPm;

/// <summary>The three runtime-PM callbacks of a driver or bus (<c>struct dev_pm_ops</c>).</summary>
public enum RuntimePmCallback
{
    /// <summary><c>runtime_suspend</c>: put the device to sleep.</summary>
    Suspend,

    /// <summary><c>runtime_resume</c>: wake the device.</summary>
    Resume,

    /// <summary><c>runtime_idle</c>: the device is unused; 0 lets it suspend.</summary>
    Idle,
}

/// <summary>
/// How far a callback came: it returned, or it sleeps and will go on later. Other actors call in while it sleeps.
/// </summary>
public readonly record struct CallbackOutcome
{
    private CallbackOutcome(int value, TimeSpan? sleep)
    {
        Value = value;
        Duration = sleep;
    }

    /// <summary>What the callback returned, if it did.</summary>
    public KernelResult Value { get; }

    /// <summary>How long it sleeps, or null when it returned.</summary>
    public TimeSpan? Duration { get; }

    /// <summary>The callback returned.</summary>
    public static implicit operator CallbackOutcome(KernelResult value) => FromKernelResult(value);

    /// <summary>The callback returned 0 or a positive number.</summary>
    public static implicit operator CallbackOutcome(int value) => FromKernelResult(value);

    /// <summary>The callback failed.</summary>
    public static implicit operator CallbackOutcome(Errno error) => FromKernelResult(error);

    /// <summary>The callback returned.</summary>
    public static CallbackOutcome FromKernelResult(KernelResult value) => new(value.Value, null);

    /// <summary>The callback sleeps; it is invoked again, with the next stage, when the time has passed.</summary>
    public static CallbackOutcome Sleep(TimeSpan duration) => new(0, duration);
}

/// <summary>The callbacks of one device, as the engine invokes them (<c>RPM_GET_CALLBACK()</c> and the call).</summary>
/// <remarks>
/// A callback that takes time is invoked several times: stage 0 is its beginning, and after each
/// <see cref="CallbackOutcome.Sleep"/> the next stage follows. Callbacks may call back into the engine.
/// An object that holds state is copied by <see cref="Fork"/>; one without may return itself.
/// </remarks>
public abstract class RuntimePmCallbacks : IForkable
{
    /// <summary>Whether the driver has this callback at all.</summary>
    public abstract bool Has(RuntimePmCallback callback);

    /// <summary>Runs a callback, or its next stage.</summary>
    public abstract CallbackOutcome Invoke(RuntimePmCallback callback, RuntimePmDevice device, int stage);

    /// <inheritdoc/>
    public virtual IForkable Fork(ForkContext fork) => this;

    /// <summary>A callback that is a routine itself, or null for one that is invoked.</summary>
    internal virtual Routine? RoutineOf(RuntimePmCallback callback) => null;

    /// <summary>Adds what the callbacks remember to the hash of the host's state.</summary>
    public virtual void AddTo(ref StateHash hash)
    {
    }
}
