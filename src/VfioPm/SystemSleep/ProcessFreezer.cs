namespace VfioPm;

/// <summary>Brings user space and the freezable work queues to a standstill (<c>kernel/power/process.c</c>).</summary>
/// <remarks>
/// Who is in the middle of a system call is waited for, for in Linux too most of what a user of a device waits for there cannot be
/// interrupted. Who waits interruptibly there is waited for here all the same. Guests are user space: they stand still at once.
/// </remarks>
internal static class ProcessFreezer
{
    // freeze_timeout_msecs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(8);

    /// <summary>Freezes user space, and then the work queues (<c>suspend_freeze_processes()</c>).</summary>
    /// <returns>0; -EBUSY where somebody does not come to a standstill in 20 seconds, or there is a wakeup, with all thawed again.</returns>
    public static async KernelCall<int> Freeze(RuntimePmCore core)
    {
        core.Clock.Freeze(Frozen.Users);
        int error = await AwaitStandstill(core, isOfWork: false);
        if (error == 0)
        {
            core.Clock.Freeze(Frozen.Work);
            error = await AwaitStandstill(core, isOfWork: true);
        }

        if (error != 0)
        {
            Thaw(core);
        }

        return error;
    }

    /// <summary><c>suspend_thaw_processes()</c>.</summary>
    public static void Thaw(RuntimePmCore core) => core.Clock.Thaw(Frozen.Users | Frozen.Work);

    /// <summary><c>try_to_freeze_tasks()</c>.</summary>
    private static async KernelCall<int> AwaitStandstill(RuntimePmCore core, bool isOfWork)
    {
        TimeSpan began = core.Clock.Now;
        TimeSpan sleep = ShortestSleep;
        while (core.Kernel.OtherCallers > 0 || (isOfWork && IsWorkBusy(core)))
        {
            bool isWoken = core.Transition.IsWakeupPending;
            if (isWoken || core.Clock.Now > began + Patience)
            {
                SystemSleepLog.NotFrozen(
                    core.Logger,
                    isOfWork ? "remaining freezable tasks" : "user space processes",
                    isWoken,
                    core.Clock.Now - began,
                    core.Kernel.OtherCallers,
                    isOfWork && IsWorkBusy(core));
                return -Errno.EBUSY;
            }

            // usleep_range() up to this; a timer later than that is no better.
            await core.Kernel.Delay(sleep);
            sleep = sleep < LongestSleep ? sleep * 2 : sleep;
        }

        return 0;
    }

    /// <summary>Whether a worker of <c>pm_wq</c> is in the middle of something (<c>freeze_workqueues_busy()</c>).</summary>
    private static bool IsWorkBusy(RuntimePmCore core)
    {
        foreach (RuntimePmDevice device in core.Devices)
        {
            if (device.IsWorkRunning)
            {
                return true;
            }
        }

        return false;
    }
}
