namespace VfioPm;

// What drivers and user space decide about a device's runtime PM.
public static partial class PmRuntime
{
    /// <summary><c>pm_runtime_enable()</c>.</summary>
    public static void Enable(RuntimePmDevice device)
    {
        if (device.DisableDepth == 0)
        {
            RuntimePmLog.UnbalancedEnable(device.Core.Logger, device.Name);
            return;
        }

        if (--device.DisableDepth > 0)
        {
            return;
        }

        device.LastStatus = RuntimeStatus.Invalid;
        device.BeginAccounting();
        if (device is { Status: RuntimeStatus.Suspended, IgnoresChildren: false, ChildCount: > 0 })
        {
            RuntimePmLog.EnabledWithActiveChildren(device.Core.Logger, device.Name);
        }
    }

    /// <summary><c>__pm_runtime_disable()</c>.</summary>
    public static async KernelCall Disable(RuntimePmDevice device, bool carryOutPendingResume = true)
    {
        if (carryOutPendingResume && device.IsResumePending)
        {
            GetNoResume(device);
            await Rpm.Resume(device, RpmFlags.None);
            PutNoIdle(device);
        }

        device.AccountTime();
        if (device.DisableDepth++ == 0)
        {
            await Rpm.Barrier(device);
            device.LastStatus = device.Core.Rules.RecordsLastStatus ? device.Status : RuntimeStatus.Invalid;
        }
    }

    /// <summary><c>pm_runtime_allow()</c>.</summary>
    public static async KernelCall Allow(RuntimePmDevice device)
    {
        const RpmFlags Flags = RpmFlags.Auto | RpmFlags.Async;
        if (!device.RuntimeAuto)
        {
            device.RuntimeAuto = true;
            if (DropUser(device, Flags) is null)
            {
                await Rpm.Idle(device, Flags);
            }
        }
    }

    /// <summary><c>pm_runtime_forbid()</c>.</summary>
    public static async KernelCall Forbid(RuntimePmDevice device)
    {
        if (device.RuntimeAuto)
        {
            device.RuntimeAuto = false;
            GetNoResume(device);
            await Rpm.Resume(device, RpmFlags.None);
        }
    }

    /// <summary><c>__pm_runtime_use_autosuspend()</c>.</summary>
    public static KernelCall UseAutosuspend(RuntimePmDevice device, bool use)
    {
        bool wasPrevented = device.IsPreventedByDelay;
        device.UseAutosuspend = use;
        return UpdateAutosuspend(device, wasPrevented);
    }

    /// <summary><c>pm_runtime_set_autosuspend_delay()</c>.</summary>
    public static KernelCall SetAutosuspendDelay(RuntimePmDevice device, int delay)
    {
        bool wasPrevented = device.IsPreventedByDelay;
        device.AutosuspendDelay = delay;
        return UpdateAutosuspend(device, wasPrevented);
    }

    /// <summary>
    /// <c>pm_runtime_irq_safe()</c>: the parent cannot be resumed with interrupts disabled, so it is held from now on, once
    /// for each call.
    /// </summary>
    public static async KernelCall IrqSafe(RuntimePmDevice device)
    {
        if (device.Parent is { } parent)
        {
            await GetSync(parent);
        }

        device.IsIrqSafe = true;
    }

    /// <summary>A negative delay counts as one user while autosuspend is in use (<c>update_autosuspend()</c>).</summary>
    private static async KernelCall UpdateAutosuspend(RuntimePmDevice device, bool wasPrevented)
    {
        if (!device.IsPreventedByDelay)
        {
            device.UsageCount -= wasPrevented ? 1 : 0;
            await Rpm.Idle(device, RpmFlags.Auto);
        }
        else if (!wasPrevented)
        {
            GetNoResume(device);
            await Rpm.Resume(device, RpmFlags.None);
        }
        else
        {
            device.TraceCall(RpmTracepoint.Usage, RpmFlags.None);
        }
    }
}
