namespace VfioPm;

/// <summary>How far a device is on the way to a system sleep and back (that part of <c>struct dev_pm_info</c>).</summary>
internal struct DeviceSleep
{
    /// <summary>It is held, and waits for its phases (<c>is_prepared</c>).</summary>
    public bool IsPrepared;

    /// <summary>Its <c>suspend</c> is through, or was left out.</summary>
    public bool IsSuspended;

    /// <summary>Its <c>suspend_late</c> is through, and its runtime PM disabled.</summary>
    public bool IsLateSuspended;

    /// <summary>Its <c>suspend_noirq</c> is through.</summary>
    public bool IsNoirqSuspended;

    /// <summary>It stays as runtime PM left it, and passes through no phase (<c>direct_complete</c>).</summary>
    public bool DirectComplete;

    /// <summary>It may stay suspended up to <c>suspend_noirq</c>, if it is (<c>DPM_FLAG_SMART_SUSPEND</c>, since Linux 6.15 <c>smart_suspend</c>).</summary>
    public bool SmartSuspend;

    /// <summary>Nothing speaks against leaving it suspended when the machine wakes (<c>may_skip_resume</c>).</summary>
    public bool MaySkipResume;

    /// <summary>It has to be resumed (<c>must_resume</c>).</summary>
    public bool MustResume;

    public readonly void AddTo(ref StateHash hash)
    {
        hash.Add(IsPrepared);
        hash.Add(IsSuspended);
        hash.Add(IsLateSuspended);
        hash.Add(IsNoirqSuspended);
        hash.Add(DirectComplete);
        hash.Add(SmartSuspend);
        hash.Add(MaySkipResume);
        hash.Add(MustResume);
    }
}
