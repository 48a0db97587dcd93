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

/// <summary>The callbacks of one device, as the engine invokes them (<c>RPM_GET_CALLBACK()</c> and the call).</summary>
/// <remarks>
/// <para>
/// A callback is a kernel function in its caller's thread. One that takes time is an <c>async</c> method that awaits, such as
/// <c>await device.Core.Kernel.Sleep(…)</c>, and meanwhile others call in; one that does not returns its value. It may call
/// back into the engine.
/// </para>
/// <para>An object that holds state is copied by <see cref="Fork"/>; one without may return itself.</para>
/// </remarks>
public abstract class RuntimePmCallbacks : INumbered
{
    /// <summary>Whether the driver has this callback at all.</summary>
    public abstract bool Has(RuntimePmCallback callback);

    int INumbered.Index => 0;

    /// <summary>Runs a callback.</summary>
    public abstract KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device);

    /// <summary>
    /// Whether there are callbacks of system sleep at all. A device without any stays as it is where it is runtime-suspended
    /// (<c>power.no_pm_callbacks</c>).
    /// </summary>
    public virtual bool HasSystemSleep => false;

    /// <summary>What the driver lets system sleep do.</summary>
    public virtual DriverSleepFlags SleepFlags => DriverSleepFlags.None;

    /// <summary>Whether they are a bus type's, which decides itself what to leave out for a device that stays suspended.</summary>
    internal virtual bool AreOfBus => false;

    /// <summary>Runs a callback of system sleep; one that there is not succeeds.</summary>
    public virtual KernelCall<int> InvokeSystemSleep(SleepPhase phase, RuntimePmDevice device) => 0;

    /// <summary>Whether user space wants the device to wake the machine (<c>device_may_wakeup()</c>).</summary>
    internal virtual bool MayWakeUp => false;

    /// <inheritdoc/>
    public virtual IForkable Fork(ForkContext fork) => this;

    /// <summary>Adds what the callbacks remember to the hash of the host's state.</summary>
    public virtual void AddTo(ref StateHash hash)
    {
    }
}
