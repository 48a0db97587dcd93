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

    /// <summary>How long it was active, with what has passed until now if that counts as such.</summary>
    public readonly TimeSpan ActiveUntil(TimeSpan now, bool isCounted) => _active + (isCounted ? now - _since : TimeSpan.Zero);

    /// <summary>How long it was suspended, likewise.</summary>
    public readonly TimeSpan SuspendedUntil(TimeSpan now, bool isCounted) =>
        _suspended + (isCounted ? now - _since : TimeSpan.Zero);
}
