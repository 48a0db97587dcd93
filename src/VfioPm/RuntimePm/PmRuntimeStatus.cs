namespace VfioPm;

// Setting the status by hand, suspending and resuming for system sleep, and taking a device away.
public static partial class PmRuntime
{
    /// <summary><c>__pm_runtime_set_status()</c>.</summary>
    public static async KernelCall<int> SetStatus(RuntimePmDevice device, RuntimeStatus status)
    {
        if (device.Error == 0 && device.IsEnabled)
        {
            return -Errno.EAGAIN;
        }

        // Nobody may begin an operation before the status is set.
        device.DisableDepth++;
        int error = 0;
        if (status == RuntimeStatus.Active)
        {
            error = await Rpm.GetSuppliers(device);
            status = error < 0 ? RuntimeStatus.Suspended : status;
        }

        if (status == RuntimeStatus.Active && device.IsKeptAsleepByParent)
        {
            RuntimePmLog.ParentNotActive(device.Core.Logger, device.Name, device.Name, device.Parent!.Name);
            error = -Errno.EBUSY;
            status = RuntimeStatus.Suspended;
        }
        else
        {
            await ChangeStatus(device, status);
            device.Error = error < 0 ? device.Error : 0;
        }

        if (status == RuntimeStatus.Suspended)
        {
            await Rpm.PutSuppliers(device);
        }

        Enable(device);
        return error;
    }

    /// <summary><c>pm_runtime_force_suspend()</c>.</summary>
    public static async KernelCall<int> ForceSuspend(RuntimePmDevice device)
    {
        bool leavesUsedActive = device.Core.Rules.ForceSuspendLeavesUsedDeviceActive;
        await Disable(device);
        if (device.Status == RuntimeStatus.Suspended || (leavesUsedActive && device.NeedsForceResume))
        {
            return 0;
        }

        device.WakeIrq?.BeginSuspend();
        int result = await InvokeDirectly(device, RuntimePmCallback.Suspend);
        if (result != 0)
        {
            device.WakeIrq?.AbandonSuspend();
            Enable(device);
            return result;
        }

        device.WakeIrq?.CompleteSuspend();

        // Nobody but the caller uses the device (pm_runtime_need_not_resume()).
        if (device.UsageCount <= 1 && (device.ChildCount == 0 || device.IgnoresChildren))
        {
            await SetStatus(device, RuntimeStatus.Suspended);
            return 0;
        }

        if (!leavesUsedActive)
        {
            device.SetStatus(RuntimeStatus.Suspended);
        }

        device.NeedsForceResume = true;
        return 0;
    }

    /// <summary><c>pm_runtime_force_resume()</c>.</summary>
    public static async KernelCall<int> ForceResume(RuntimePmDevice device)
    {
        bool leavesUsedActive = device.Core.Rules.ForceSuspendLeavesUsedDeviceActive;
        int result = 0;
        if (device.NeedsForceResume && (leavesUsedActive || device.Status == RuntimeStatus.Suspended))
        {
            if (!leavesUsedActive)
            {
                device.SetStatus(RuntimeStatus.Active);
            }

            device.WakeIrq?.BeginResume();
            result = await InvokeDirectly(device, RuntimePmCallback.Resume);
            if (result != 0)
            {
                device.WakeIrq?.AbandonResume();
                await SetStatus(device, RuntimeStatus.Suspended);
            }
            else
            {
                device.MarkBusy();
            }
        }

        device.NeedsForceResume = false;
        Enable(device);
        return result;
    }

    /// <summary>
    /// Nothing depends on the device any more and it goes (<c>pm_runtime_remove()</c>): what is pending for it is given up,
    /// and its parent has one child less.
    /// </summary>
    public static async KernelCall Remove(RuntimePmDevice device)
    {
        await Disable(device, carryOutPendingResume: false);
        while (device.HasWork)
        {
            await device.Change();
        }

        await Reinit(device);
        device.Core.Forget(device);
    }

    /// <summary>
    /// What a driver left behind is put in order after it (<c>pm_runtime_reinit()</c>): a device that is nobody's sleeps, and
    /// gives back what an irq-safe one holds of its parent. Not while runtime PM is enabled.
    /// </summary>
    internal static async KernelCall Reinit(RuntimePmDevice device)
    {
        if (device.IsEnabled)
        {
            return;
        }

        if (device.Status == RuntimeStatus.Active)
        {
            await SetStatus(device, RuntimeStatus.Suspended);
        }

        if (device.IsIrqSafe)
        {
            device.IsIrqSafe = false;
            if (device.Parent is { } parent)
            {
                await Put(parent);
            }
        }

        device.NeedsForceResume = false;
    }

    /// <summary>What a PM domain calls its device's driver by (<c>pm_generic_runtime_suspend()</c>): without a callback it succeeds.</summary>
    public static KernelCall<int> GenericSuspend(RuntimePmDevice device) => InvokeDriver(device, RuntimePmCallback.Suspend);

    /// <inheritdoc cref="GenericSuspend"/>
    /// <remarks><c>pm_generic_runtime_resume()</c>.</remarks>
    public static KernelCall<int> GenericResume(RuntimePmDevice device) => InvokeDriver(device, RuntimePmCallback.Resume);

    private static KernelCall<int> InvokeDriver(RuntimePmDevice device, RuntimePmCallback callback)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Callbacks.Has(callback) ? device.Callbacks.Invoke(callback, device) : 0;
    }

    private static KernelCall<int> InvokeDirectly(RuntimePmDevice device, RuntimePmCallback callback) =>
        device.HasCallback(callback) ? Rpm.Invoke(device, callback) : 0;

    private static async KernelCall ChangeStatus(RuntimePmDevice device, RuntimeStatus status)
    {
        bool changes = device.Status != status;
        bool wasSuspended = device.Status == RuntimeStatus.Suspended;
        if (changes && status == RuntimeStatus.Suspended)
        {
            device.Parent?.DropActiveChild();
        }
        else if (changes && wasSuspended && device.Parent is not null)
        {
            device.Parent.ChildCount++;
        }

        device.SetStatus(status);
        if (changes && status == RuntimeStatus.Suspended && device.Parent is { IgnoresChildren: false } parent)
        {
            await Rpm.Idle(parent, RpmFlags.Async);
        }
    }
}
