namespace VfioPm;

/// <summary>
/// How long a device was active and how long suspended (<c>power.active_time</c>, <c>power.suspended_time</c>,
/// <c>power.accounting_timestamp</c>). Only while runtime PM is enabled does time count; on its way up or down the device is
/// active.
/// </summary>
internal struct RuntimePmTimes
{
    private TimeSpan _since;
    private TimeSpan _active;
    private TimeSpan _suspended;

    /// <summary>From now on time counts.</summary>
    public void Begin(TimeSpan now) => _since = now;

    /// <summary>What has passed in a status counts as its own (<c>update_pm_runtime_accounting()</c>).</summary>
    public void Account(RuntimeStatus status, TimeSpan now)
    {
        if (status == RuntimeStatus.Suspended)
        {
            _suspended += now - _since;
        }
        else
        {
            _active += now - _since;
        }

        _since = now;
    }

    /// <summary>How long it was active, or how long suspended, with what has passed until now.</summary>
    public readonly TimeSpan Until(TimeSpan now, RuntimePmDevice device, bool suspended)
    {
        TimeSpan before = suspended ? _suspended : _active;
        bool counts = device.IsEnabled && device.Status == RuntimeStatus.Suspended == suspended;
        return counts ? before + (now - _since) : before;
    }
}
