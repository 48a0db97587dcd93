namespace VfioPm;

/// <summary>Brings user space and the freezable work queues to a standstill (<c>kernel/power/process.c</c>).</summary>
/// <remarks>
/// Who is in the middle of a system call is waited for, for in Linux too most of what a user of a device waits for there cannot be
/// interrupted. Who waits interruptibly there is waited for here all the same. Guests are user space: they stand still at once.
/// </remarks>
internal sealed class ProcessFreezer : INumbered
{
    // freeze_timeout_msecs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(8);

    private readonly RuntimePmCore _core;

    public ProcessFreezer(RuntimePmCore core) => _core = core;

    private ProcessFreezer(ProcessFreezer original, ForkContext fork)
    {
        fork.Register(original, this);
        _core = fork.Of(original._core);
    }

    int INumbered.Index => 0;

    /// <summary>Whether a worker of <c>pm_wq</c> is in the middle of something (<c>freeze_workqueues_busy()</c>).</summary>
    private bool IsWorkBusy
    {
        get
        {
            foreach (RuntimePmDevice device in _core.Devices)
            {
                if (device.IsWorkRunning)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public IForkable Fork(ForkContext fork) => new ProcessFreezer(this, fork);

    /// <summary>Freezes user space, and then the work queues (<c>suspend_freeze_processes()</c>).</summary>
    /// <returns>0; -EBUSY where somebody does not come to a standstill in 20 seconds, or there is a wakeup, with all thawed again.</returns>
    public async KernelCall<int> Freeze()
    {
        _core.Clock.Freeze(Frozen.Users);
        int error = await AwaitStandstill(isOfWork: false);
        if (error == 0)
        {
            _core.Clock.Freeze(Frozen.Work);
            error = await AwaitStandstill(isOfWork: true);
        }

        if (error != 0)
        {
            Thaw();
        }

        return error;
    }

    /// <summary><c>suspend_thaw_processes()</c>.</summary>
    public void Thaw() => _core.Clock.Thaw(Frozen.Users | Frozen.Work);

    /// <summary><c>try_to_freeze_tasks()</c>.</summary>
    private async KernelCall<int> AwaitStandstill(bool isOfWork)
    {
        TimeSpan began = _core.Clock.Now;
        TimeSpan sleep = ShortestSleep;
        while (_core.Kernel.OtherCallers > 0 || (isOfWork && IsWorkBusy))
        {
            bool isWoken = _core.Transition.IsWakeupPending;
            if (isWoken || _core.Clock.Now > began + Patience)
            {
                SystemSleepLog.NotFrozen(
                    _core.Logger,
                    isOfWork ? "remaining freezable tasks" : "user space processes",
                    isWoken,
                    _core.Clock.Now - began,
                    _core.Kernel.OtherCallers,
                    isOfWork && IsWorkBusy);
                return -Errno.EBUSY;
            }

            // usleep_range() up to this; a timer later than that is no better.
            await _core.Kernel.Delay(sleep);
            sleep = sleep < LongestSleep ? sleep * 2 : sleep;
        }

        return 0;
    }
}
