namespace VfioPm;

/// <summary>
/// The callbacks of a driver that one writes in a test: a function for each, null where the driver has none,
/// and the time that suspending and resuming take.
/// </summary>
/// <remarks>
/// The functions are shared by forks, so they should keep their state in the device's model, not in closures.
/// </remarks>
public sealed class DriverCallbacks : RuntimePmCallbacks
{
    /// <summary><c>runtime_suspend</c>; by default it succeeds.</summary>
    public Func<RuntimePmDevice, KernelResult>? Suspend { get; init; } = static _ => KernelResult.Success;

    /// <summary><c>runtime_resume</c>; by default it succeeds.</summary>
    public Func<RuntimePmDevice, KernelResult>? Resume { get; init; } = static _ => KernelResult.Success;

    /// <summary><c>runtime_idle</c>; by default there is none, and an idle device suspends.</summary>
    public Func<RuntimePmDevice, KernelResult>? Idle { get; init; }

    /// <summary>
    /// The callbacks of system sleep, as one function that is told which of them it is; by default there are none. An error on the way
    /// down ends the sleep, 1 from <see cref="SleepPhase.Prepare"/> leaves a runtime-suspended device as it is.
    /// </summary>
    public Func<RuntimePmDevice, SleepPhase, KernelResult>? SystemSleep { get; init; }

    /// <summary>What the driver lets system sleep do (<c>dev_pm_set_driver_flags()</c>).</summary>
    public DriverSleepFlags DriverFlags { get; init; }

    /// <inheritdoc/>
    public override bool HasSystemSleep => SystemSleep is not null;

    /// <inheritdoc/>
    public override DriverSleepFlags SleepFlags => DriverFlags;

    /// <summary>How long the suspend callback sleeps before it does its work.</summary>
    public TimeSpan SuspendTime { get; init; }

    /// <summary>How long the resume callback sleeps before it does its work.</summary>
    public TimeSpan ResumeTime { get; init; }

    /// <inheritdoc/>
    public override bool Has(RuntimePmCallback callback) => FunctionOf(callback) is not null;

    /// <inheritdoc/>
    public override KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        TimeSpan time = callback switch
        {
            RuntimePmCallback.Suspend => SuspendTime,
            RuntimePmCallback.Resume => ResumeTime,
            _ => TimeSpan.Zero,
        };
        return time > TimeSpan.Zero ? InvokeAfter(time, callback, device) : InvokeNow(callback, device);
    }

    /// <inheritdoc/>
    public override KernelCall<int> InvokeSystemSleep(SleepPhase phase, RuntimePmDevice device) => SystemSleep?.Invoke(device, phase).Value ?? 0;

    /// <summary>Which functions there are and how long they take. What the functions themselves remember is the test's.</summary>
    public override void AddTo(ref StateHash hash)
    {
        hash.Add(Suspend is not null);
        hash.Add(Resume is not null);
        hash.Add(Idle is not null);
        hash.Add(SystemSleep is not null);
        hash.Add((int)DriverFlags);
        hash.Add(SuspendTime.Ticks);
        hash.Add(ResumeTime.Ticks);
    }

    private async KernelCall<int> InvokeAfter(TimeSpan time, RuntimePmCallback callback, RuntimePmDevice device)
    {
        await device.Core.Kernel.Sleep(time);
        return InvokeNow(callback, device);
    }

    /// <summary>There may be none: a test may have given the device other callbacks since it was looked for.</summary>
    private int InvokeNow(RuntimePmCallback callback, RuntimePmDevice device) => FunctionOf(callback)?.Invoke(device).Value ?? 0;

    private Func<RuntimePmDevice, KernelResult>? FunctionOf(RuntimePmCallback callback) => callback switch
    {
        RuntimePmCallback.Suspend => Suspend,
        RuntimePmCallback.Resume => Resume,
        _ => Idle,
    };
}
