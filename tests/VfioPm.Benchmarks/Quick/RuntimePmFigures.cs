namespace VfioPm.Benchmarks;

/// <summary>Runtime PM alone: devices whose callbacks do nothing.</summary>
internal static class RuntimePmFigures
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(100);

    public static IEnumerable<Figure> All()
    {
        RuntimePmDevice held = Device(new RuntimePmCore());
        held.GetNoResume();
        yield return Figure.PerOperation("rpm_get_put", () =>
        {
            _ = held.GetSync();
            _ = held.PutSync();
        });

        RuntimePmDevice alone = Device(new RuntimePmCore());
        yield return Figure.PerOperation("rpm_suspend_resume", () => Cycle(alone));

        var family = new RuntimePmCore();
        RuntimePmDevice child = Device(family, parent: Device(family));
        yield return Figure.PerOperation("rpm_with_parent", () => Cycle(child));

        var timed = new RuntimePmCore();
        RuntimePmDevice lazy = Device(timed);
        lazy.SetAutosuspendDelay((int)Delay.TotalMilliseconds);
        lazy.SetUseAutosuspend(true);
        yield return Figure.PerOperation("rpm_autosuspend", () =>
        {
            _ = lazy.GetSync();
            lazy.MarkLastBusy();
            _ = lazy.PutAutosuspend();
            timed.Clock.Advance(2 * Delay);
        });
    }

    private static void Cycle(RuntimePmDevice device)
    {
        _ = device.GetSync();
        _ = device.PutSync();
    }

    /// <summary>A suspended device with all callbacks.</summary>
    private static RuntimePmDevice Device(RuntimePmCore core, RuntimePmDevice? parent = null)
    {
        RuntimePmDevice device = core.AddDevice(parent is null ? "parent" : "child", parent, new DriverCallbacks
        {
            Suspend = static _ => default,
            Resume = static _ => default,
            Idle = static _ => default,
        });
        device.Enable();
        return device;
    }
}
