namespace VfioPm;

/// <summary>What a driver lets system sleep do (<c>DPM_FLAG_…</c>, <c>dev_pm_set_driver_flags()</c>).</summary>
[Flags]
public enum DriverSleepFlags
{
    /// <summary>Nothing out of the ordinary.</summary>
    None = 0,

    /// <summary>Its devices always pass through all phases (<c>DPM_FLAG_NO_DIRECT_COMPLETE</c>).</summary>
    NoDirectComplete = 1,

    /// <summary>0 from <c>prepare</c> means that no direct-complete is wanted (<c>DPM_FLAG_SMART_PREPARE</c>).</summary>
    SmartPrepare = 2,

    /// <summary>Its callbacks can cope with devices that are runtime-suspended, and stay so (<c>DPM_FLAG_SMART_SUSPEND</c>).</summary>
    SmartSuspend = 4,

    /// <summary>Its devices may be left in suspend when the machine wakes (<c>DPM_FLAG_MAY_SKIP_RESUME</c>).</summary>
    MaySkipResume = 8,
}
