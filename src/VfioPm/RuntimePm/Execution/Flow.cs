namespace VfioPm;

/// <summary>What one step of a <see cref="Routine"/> leads to.</summary>
internal readonly record struct Flow(FlowKind Kind, int Value, TimeSpan Duration)
{
    /// <summary>Go on with the step that the activation now names.</summary>
    public static Flow Next => new(FlowKind.Next, 0, default);

    /// <summary>Run the routine that was just pushed, then go on.</summary>
    public static Flow Called => new(FlowKind.Called, 0, default);

    /// <summary>Try the same step again when somebody wakes the waiters of the activation's device.</summary>
    public static Flow Wait => new(FlowKind.Wait, 0, default);

    /// <summary>
    /// Go on, but here the kernel drops the device's lock: on a preemptible kernel a caller who was just woken
    /// goes first.
    /// </summary>
    public static Flow Unlock => new(FlowKind.Unlock, 0, default);

    public static Flow Return(KernelResult value) => new(FlowKind.Return, value.Value, default);

    /// <summary>Sleep on the timer wheel (<c>msleep()</c>).</summary>
    public static Flow Sleep(TimeSpan duration) => new(FlowKind.Sleep, 0, duration);

    /// <summary>Sleep on a high-resolution timer (<c>usleep_range()</c>): who fell asleep first wakes first.</summary>
    public static Flow Delay(TimeSpan duration) => new(FlowKind.Delay, 0, duration);
}

internal enum FlowKind
{
    Next,
    Called,
    Return,
    Wait,
    Sleep,
    Delay,
    Unlock,
}
