namespace VfioPm;

// The way down.
internal sealed partial class DevicePm
{
    /// <summary>Runtime PM is disabled, and <c>suspend_late</c> called (<c>dpm_suspend_late()</c>).</summary>
    /// <returns>0; an error, with what was done undone.</returns>
    public async KernelCall<int> SuspendLate()
    {
        ForgetRemoved();
        int error = 0;
        for (int i = _order.Count - 1; i >= 0 && error == 0; i--)
        {
            error = await SuspendLate(_order[i]);
        }

        if (error != 0)
        {
            await ResumeEarly();
        }

        return error;
    }

    /// <summary>Interrupts are off, and <c>suspend_noirq</c> called (<c>dpm_suspend_noirq()</c>).</summary>
    /// <returns>0; an error, with what was done undone.</returns>
    public async KernelCall<int> SuspendNoirq()
    {
        ForgetRemoved();
        _core.Clock.Freeze(Frozen.Interrupts);
        int error = 0;
        for (int i = _order.Count - 1; i >= 0 && error == 0; i--)
        {
            error = await SuspendNoirq(_order[i]);
        }

        if (error != 0)
        {
            await ResumeNoirq();
        }

        return error;
    }

    /// <summary><c>dpm_prepare()</c>.</summary>
    private async KernelCall<int> Prepare()
    {
        FindOrder();
        int error = 0;
        for (int i = 0; i < _order.Count && error == 0; i++)
        {
            error = await Prepare(_order[i]);
        }

        return error;
    }

    /// <summary><c>dpm_suspend()</c>.</summary>
    private async KernelCall<int> Suspend()
    {
        ForgetRemoved();
        int error = 0;
        for (int i = _order.Count - 1; i >= 0 && error == 0; i--)
        {
            error = await Suspend(_order[i]);
        }

        return error;
    }

    /// <summary>The device is held from now on, and may say that it can be left alone (<c>device_prepare()</c>).</summary>
    private async KernelCall<int> Prepare(RuntimePmDevice device)
    {
        bool hasCallbacks = device.Callbacks.HasSystemSleep;
        int answer;
        do
        {
            PmRuntime.GetNoResume(device);
            answer = hasCallbacks ? await InvokeLocked(device, SleepPhase.Prepare) : 0;
            if (answer < 0)
            {
                SystemSleepLog.NotPrepared(_core.Logger, device.Name, answer);
                await PmRuntime.Put(device);
            }
        }
        while (answer == -Errno.EAGAIN);

        if (answer >= 0)
        {
            device.Sleep = default;
            device.Sleep.IsPrepared = true;
            device.Sleep.SmartSuspend = MaySuspendSmartly(device, hasCallbacks);
            device.Sleep.DirectComplete = (answer > 0 || !hasCallbacks) && !Has(device, DriverSleepFlags.NoDirectComplete);
        }

        return Math.Min(answer, 0);
    }

    /// <summary><c>device_prepare_smart_suspend()</c>; older kernels only ask the driver.</summary>
    private bool MaySuspendSmartly(RuntimePmDevice device, bool hasCallbacks)
    {
        if (!_core.Rules.InheritsSmartSuspend)
        {
            return Has(device, DriverSleepFlags.SmartSuspend);
        }

        if (!device.IsEnabled || (hasCallbacks && !Has(device, DriverSleepFlags.SmartSuspend)))
        {
            return false;
        }

        return (device.Parent is not { IgnoresChildren: false } parent || AllowsSmartSuspend(parent))
            && device.Suppliers.All(static link => !link.ManagesRuntimePm || AllowsSmartSuspend(link.Supplier));
    }

    /// <summary>Whose runtime PM was never enabled does not count (<c>pm_runtime_blocked()</c>).</summary>
    private static bool AllowsSmartSuspend(RuntimePmDevice superior) =>
        superior.Sleep.SmartSuspend || superior is { IsEnabled: false, LastStatus: RuntimeStatus.Invalid };

    /// <summary>What runtime PM has begun is waited for, and the device stopped, or left as it is (<c>device_suspend()</c>).</summary>
    private async KernelCall<int> Suspend(RuntimePmDevice device)
    {
        await PmRuntime.Barrier(device);
        if (Transition.IsWakeupPending)
        {
            return -Errno.EBUSY;
        }

        // Who is to wake the machine may have to be set up for that.
        device.Sleep.DirectComplete &= !device.Callbacks.MayWakeUp;
        if (device.Sleep.DirectComplete && await StaysSuspended(device))
        {
            device.Sleep.IsSuspended = true;
            return 0;
        }

        device.Sleep.DirectComplete = false;
        device.Sleep.MaySkipResume = true;
        device.Sleep.MustResume = !Has(device, DriverSleepFlags.MaySkipResume);
        int error = await InvokeLocked(device, SleepPhase.Suspend);
        if (error != 0)
        {
            SystemSleepLog.Failed(_core.Logger, device, "suspend", "", error);
            return error;
        }

        device.Sleep.IsSuspended = true;

        // Whom this one needs is needed.
        foreach (RuntimePmDevice superior in SuperiorsOf(device))
        {
            superior.Sleep.DirectComplete = false;
        }

        return 0;
    }

    /// <summary>Whether the device is runtime-suspended, and so it stays: its runtime PM is disabled.</summary>
    private static async KernelCall<bool> StaysSuspended(RuntimePmDevice device)
    {
        if (device.Status != RuntimeStatus.Suspended)
        {
            return false;
        }

        await PmRuntime.Disable(device);
        bool stays = device.Status == RuntimeStatus.Suspended;
        if (!stays)
        {
            PmRuntime.Enable(device);
        }

        return stays;
    }

    /// <summary><c>device_suspend_late()</c>.</summary>
    private async KernelCall<int> SuspendLate(RuntimePmDevice device)
    {
        // Before Linux 6.15 runtime PM is disabled first, and so of one that stays suspended a second time.
        bool disablesAll = !_core.Rules.ResumesBeforeLateSuspend;
        if (disablesAll)
        {
            await PmRuntime.Disable(device, carryOutPendingResume: false);
        }

        bool isLeft = device.Sleep.DirectComplete;
        int error = Transition.IsWakeupPending ? -Errno.EBUSY : isLeft ? 0 : await CallSuspendLate(device);
        if (error != 0 && disablesAll)
        {
            PmRuntime.Enable(device);
        }

        device.Sleep.IsLateSuspended = error == 0 && (disablesAll || !isLeft);
        return error;
    }

    private async KernelCall<int> CallSuspendLate(RuntimePmDevice device)
    {
        bool disables = _core.Rules.ResumesBeforeLateSuspend;
        if (disables)
        {
            await PmRuntime.Disable(device);
        }

        int error = await InvokeUnlessSkipped(device, SleepPhase.SuspendLate, device.IsSuspendSkipped);
        if (error == 0)
        {
            return 0;
        }

        SystemSleepLog.Failed(_core.Logger, device, "suspend", " late", error);
        if (disables)
        {
            PmRuntime.Enable(device);
        }

        return error;
    }

    /// <summary><c>device_suspend_noirq()</c>.</summary>
    private async KernelCall<int> SuspendNoirq(RuntimePmDevice device)
    {
        if (device.Sleep.DirectComplete)
        {
            return 0;
        }

        int error = await InvokeUnlessSkipped(device, SleepPhase.SuspendNoirq, device.IsSuspendSkipped);
        if (error != 0)
        {
            SystemSleepLog.Failed(_core.Logger, device, "suspend", " noirq", error);
            return error;
        }

        device.Sleep.IsNoirqSuspended = true;

        // Who was in use right before is resumed at once, even if it need not be (pm_runtime_need_not_resume()).
        bool isUnused = device.UsageCount <= 1 && (device.ChildCount == 0 || device.IgnoresChildren);
        device.Sleep.MustResume |= !(Has(device, DriverSleepFlags.MaySkipResume) && device.Sleep.MaySkipResume && isUnused);
        if (device.Sleep.MustResume)
        {
            foreach (RuntimePmDevice superior in SuperiorsOf(device))
            {
                superior.Sleep.MustResume = true;
            }
        }

        return 0;
    }

    /// <summary>A bus type is always asked, and decides itself; a driver without one is not where that can be left out.</summary>
    private static KernelCall<int> InvokeUnlessSkipped(RuntimePmDevice device, SleepPhase phase, bool isSkipped) =>
        isSkipped && !device.Callbacks.AreOfBus ? 0 : Invoke(device, phase);
}
