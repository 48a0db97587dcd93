namespace VfioPm;

// The way up.
internal sealed partial class DevicePm
{
    /// <summary><c>resume_noirq</c>, and then interrupts are on again (<c>dpm_resume_noirq()</c>).</summary>
    public async KernelCall ResumeNoirq()
    {
        ForgetRemoved();
        for (int i = 0; i < _order.Count; i++)
        {
            if (_order[i].Sleep.IsNoirqSuspended)
            {
                await ResumeNoirq(_order[i]);
            }
            else if (_order[i].IsSuspendSkipped)
            {
                // The sleep failed before it came to this one, which stays suspended.
                _order[i].Sleep.MustResume = false;
            }
        }

        _core.Clock.Thaw(Frozen.Interrupts);
    }

    /// <summary><c>resume_early</c>, and runtime PM is enabled again (<c>dpm_resume_early()</c>).</summary>
    public async KernelCall ResumeEarly()
    {
        ForgetRemoved();
        for (int i = 0; i < _order.Count; i++)
        {
            if (_order[i].Sleep.IsLateSuspended)
            {
                await ResumeEarly(_order[i]);
            }
        }
    }

    /// <summary><c>dpm_resume()</c>.</summary>
    private async KernelCall Resume()
    {
        ForgetRemoved();
        for (int i = 0; i < _order.Count; i++)
        {
            if (_order[i].Sleep.IsSuspended)
            {
                await Resume(_order[i]);
            }
        }
    }

    /// <summary>Children before parents here too (<c>dpm_complete()</c>).</summary>
    private async KernelCall Complete()
    {
        ForgetRemoved();
        for (int i = _order.Count - 1; i >= 0; i--)
        {
            if (_order[i].Sleep.IsPrepared)
            {
                await Complete(_order[i]);
            }
        }

        _order.Clear();
    }

    /// <summary>
    /// Who is left in suspend is suspended for runtime PM too; who stayed suspended up to here is active from now on
    /// (<c>device_resume_noirq()</c>).
    /// </summary>
    private async KernelCall ResumeNoirq(RuntimePmDevice device)
    {
        bool isSkipped = !device.Sleep.MustResume;
        if (isSkipped)
        {
            await PmRuntime.SetStatus(device, RuntimeStatus.Suspended);
        }
        else if (device.IsSuspendSkipped)
        {
            await PmRuntime.SetStatus(device, RuntimeStatus.Active);
        }

        Settle(device, " noirq", await InvokeUnlessSkipped(device, SleepPhase.ResumeNoirq, isSkipped));
        device.Sleep.IsNoirqSuspended = false;
    }

    /// <summary><c>device_resume_early()</c>.</summary>
    private async KernelCall ResumeEarly(RuntimePmDevice device)
    {
        if (!device.Sleep.DirectComplete)
        {
            Settle(device, " early", await InvokeUnlessSkipped(device, SleepPhase.ResumeEarly, !device.Sleep.MustResume));
        }

        device.Sleep.IsLateSuspended = false;
        PmRuntime.Enable(device);
    }

    /// <summary><c>device_resume()</c>.</summary>
    private async KernelCall Resume(RuntimePmDevice device)
    {
        device.Sleep.IsSuspended = false;
        if (device.Sleep.DirectComplete)
        {
            PmRuntime.Enable(device);
            return;
        }

        Settle(device, "", await InvokeLocked(device, SleepPhase.Resume));
    }

    /// <summary>The device is let go (<c>device_complete()</c>).</summary>
    private static async KernelCall Complete(RuntimePmDevice device)
    {
        device.Sleep.IsPrepared = false;
        if (device.Callbacks.HasSystemSleep)
        {
            await InvokeLocked(device, SleepPhase.Complete);
        }

        await PmRuntime.Put(device);
    }

    /// <summary>There is no way back from the way up: an error is told, and that is all.</summary>
    private void Settle(RuntimePmDevice device, string phase, int error)
    {
        if (error != 0)
        {
            SystemSleepLog.Failed(_core.Logger, device, "resume", phase, error);
        }
    }
}
