namespace VfioPm;

/// <summary>A device's runtime-PM status (<c>enum rpm_status</c>, <c>include/linux/pm.h</c>).</summary>
public enum RuntimeStatus
{
    /// <summary>Not known: what <see cref="RuntimePmDevice.LastStatus"/> says while runtime PM is enabled.</summary>
    Invalid = -1,

    /// <summary>The device can be used.</summary>
    Active = 0,

    /// <summary>Its resume callback is running.</summary>
    Resuming = 1,

    /// <summary>The device is asleep.</summary>
    Suspended = 2,

    /// <summary>Its suspend callback is running.</summary>
    Suspending = 3,
}
