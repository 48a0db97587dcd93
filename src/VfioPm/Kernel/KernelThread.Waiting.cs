namespace VfioPm;

/// <content>How it waits, and is woken.</content>
public sealed partial class KernelThread
{
    /// <summary>What it does next is to wait: the function that said so awaits it at once.</summary>
    /// <param name="kind">How.</param>
    /// <param name="due">Until when, since boot, if it does not wait for somebody.</param>
    /// <param name="queue">Where it is to be woken, if it is.</param>
    /// <param name="slack">How much earlier it may go on.</param>
    internal KernelWait WillWait(WaitKind kind, TimeSpan due, IWaitQueue? queue = null, TimeSpan slack = default)
    {
        _nextWait = (kind, due, slack, queue);
        return new KernelWait(this);
    }

    /// <summary>The function of a frame waits, and with it the thread.</summary>
    internal void Suspend(KernelFrame frame)
    {
        (WaitKind kind, TimeSpan due, TimeSpan slack, WaitsOn) = _nextWait;
        _nextWait = default;
        _innermost = frame;
        _cause = _kernel.Clock.Cause;
        _kernel.OnSuspended(this);
        if (kind != WaitKind.Woken)
        {
            _isQueued = kind == WaitKind.Preempted;
            _looksAgain = kind == WaitKind.WokenInTime;
            _gaveWay = kind == WaitKind.Resched;
            Schedule(kind, due, slack);
        }
    }

    /// <summary>Somebody brought about what it waits for: it goes on, after what runs now.</summary>
    internal void Wake()
    {
        if (IsWaiting && !_isQueued)
        {
            if (_looksAgain)
            {
                _looksAgain = false;
                StopTimeout();
            }

            _isQueued = true;
            Schedule(WaitKind.Preempted, _kernel.Clock.Now, slack: default);
        }
    }

    private void Schedule(WaitKind kind, TimeSpan due, TimeSpan slack)
    {
        VirtualClock clock = _kernel.Clock;
        switch (kind)
        {
            case WaitKind.Sleep:
                clock.ScheduleWakeup(due, this, 0);
                break;
            case WaitKind.Delay:
                clock.ScheduleDelay(due, slack, IsWorker, this, 0);
                break;
            case WaitKind.Resched:
                clock.ScheduleAfterAll(due, this, 0);
                break;
            default:
                clock.Schedule(due, this, 0);
                break;
        }
    }
}
