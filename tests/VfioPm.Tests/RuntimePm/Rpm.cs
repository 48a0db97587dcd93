namespace VfioPm.Tests;

/// <summary>Devices for tests of the engine.</summary>
internal static class Rpm
{
    /// <summary>A device that is active, enabled and unused.</summary>
    public static RuntimePmDevice AddActive(
        this RuntimePmCore core, string name, RuntimePmDevice? parent = null, RuntimePmCallbacks? callbacks = null)
    {
        RuntimePmDevice device = core.AddDevice(name, parent, callbacks);
        device.SetActive().Should().Be(KernelResult.Success);
        device.Enable();
        return device;
    }

    /// <summary>A device that is suspended, enabled and unused.</summary>
    public static RuntimePmDevice AddSuspended(
        this RuntimePmCore core, string name, RuntimePmDevice? parent = null, RuntimePmCallbacks? callbacks = null)
    {
        RuntimePmDevice device = core.AddDevice(name, parent, callbacks);
        device.Enable();
        return device;
    }

    /// <summary>Callbacks that sleep.</summary>
    public static DriverCallbacks Slow(int suspend = 0, int resume = 0) => new()
    {
        SuspendTime = TimeSpan.FromMilliseconds(suspend),
        ResumeTime = TimeSpan.FromMilliseconds(resume),
    };

    /// <summary>Callbacks of which the one that suspends always returns the same.</summary>
    public static DriverCallbacks Suspending(KernelResult result) => new() { Suspend = _ => result };

    /// <summary>Callbacks of which the one that resumes always returns the same.</summary>
    public static DriverCallbacks Resuming(KernelResult result) => new() { Resume = _ => result };

    /// <summary>Callbacks with one for idle notifications, which always returns the same.</summary>
    public static DriverCallbacks Idling(KernelResult result) => new() { Idle = _ => result };

    /// <summary>Lets milliseconds pass.</summary>
    public static void Advance(this RuntimePmCore core, int milliseconds) =>
        core.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
