namespace VfioPm;

// Setting the status by hand, and suspending and resuming for system sleep.
public sealed partial class RuntimePmDevice
{
    /// <summary>
    /// Says that the device is active, without waking it (<c>pm_runtime_set_active()</c>): its suppliers are
    /// resumed and a past error is forgotten.
    /// </summary>
    /// <returns>
    /// 0; -EAGAIN while runtime PM is enabled and working; -EBUSY below a parent that is not active; or the
    /// supplier's error, and then the device counts as suspended.
    /// </returns>
    public KernelResult SetActive() => SetStatusByHand(RuntimeStatus.Active);

    /// <summary>Says that the device is suspended (<c>pm_runtime_set_suspended()</c>).</summary>
    /// <returns>0, or -EAGAIN while runtime PM is enabled and working.</returns>
    public KernelResult SetSuspended() => SetStatusByHand(RuntimeStatus.Suspended);

    /// <summary>
    /// Disables runtime PM and puts the device to sleep whoever uses it (<c>pm_runtime_force_suspend()</c>):
    /// a system sleep is coming.
    /// </summary>
    /// <returns>0, or the callback's error, with runtime PM enabled again.</returns>
    public KernelResult ForceSuspend()
    {
        lock (Core.Clock.Gate)
        {
            Disable();
            if (Status == RuntimeStatus.Suspended || (LeavesUsedDeviceActive && NeedsForceResume))
            {
                return KernelResult.Success;
            }

            KernelResult result = InvokeDirectly(RuntimePmCallback.Suspend);
            if (result.Value != 0)
            {
                Enable();
                return result;
            }

            if (MayStaySuspended)
            {
                SetSuspended();
                return KernelResult.Success;
            }

            if (!LeavesUsedDeviceActive)
            {
                SetStatus(RuntimeStatus.Suspended);
            }

            NeedsForceResume = true;
            return KernelResult.Success;
        }
    }

    /// <summary>
    /// Undoes <see cref="ForceSuspend"/> for a device that was in use (<c>pm_runtime_force_resume()</c>).
    /// </summary>
    /// <returns>0, or the callback's error; runtime PM is enabled in any case.</returns>
    public KernelResult ForceResume()
    {
        lock (Core.Clock.Gate)
        {
            KernelResult result = KernelResult.Success;
            if (NeedsForceResume && (LeavesUsedDeviceActive || Status == RuntimeStatus.Suspended))
            {
                if (!LeavesUsedDeviceActive)
                {
                    SetStatus(RuntimeStatus.Active);
                }

                result = InvokeDirectly(RuntimePmCallback.Resume);
                if (result.Value != 0)
                {
                    SetSuspended();
                }
                else
                {
                    MarkLastBusy();
                }
            }

            NeedsForceResume = false;
            Enable();
            return result;
        }
    }

    /// <summary>A child fell asleep.</summary>
    internal void DropActiveChild() => ChildCount--;

    private bool LeavesUsedDeviceActive => Core.Rules.ForceSuspendLeavesUsedDeviceActive;

    /// <summary>Nobody but the caller uses the device (<c>pm_runtime_need_not_resume()</c>).</summary>
    private bool MayStaySuspended => UsageCount <= 1 && (ChildCount == 0 || IgnoresChildren);

    private KernelResult InvokeDirectly(RuntimePmCallback callback) =>
        Callbacks.Has(callback)
            ? Core.Run(InvokeRoutine.Instance, this, RpmFlags.None, (int)callback)
            : KernelResult.Success;

    private KernelResult SetStatusByHand(RuntimeStatus status)
    {
        lock (Core.Clock.Gate)
        {
            if (RuntimeError.Value == 0 && IsEnabled)
            {
                return Errno.EAGAIN;
            }

            // Nobody may begin an operation before the status is set.
            DisableDepth++;
            KernelResult error = KernelResult.Success;
            if (status == RuntimeStatus.Active)
            {
                error = Core.Run(GetSuppliersRoutine.Instance, this, RpmFlags.None);
                status = error.IsError ? RuntimeStatus.Suspended : status;
            }

            if (status == RuntimeStatus.Active && IsKeptAsleepByParent)
            {
                RuntimePmLog.ParentNotActive(Core.Logger, Name, Name, Parent!.Name);
                error = Errno.EBUSY;
                status = RuntimeStatus.Suspended;
            }
            else
            {
                ChangeStatus(status);
                RuntimeError = error.IsError ? RuntimeError : KernelResult.Success;
            }

            if (status == RuntimeStatus.Suspended)
            {
                PutSuppliers();
            }

            Enable();
            return error;
        }
    }

    private bool IsKeptAsleepByParent =>
        Status != RuntimeStatus.Active
        && Parent is { IsEnabled: true, IgnoresChildren: false } parent
        && parent.Status != RuntimeStatus.Active;

    private void ChangeStatus(RuntimeStatus status)
    {
        bool changes = Status != status;
        bool wasSuspended = Status == RuntimeStatus.Suspended;
        if (changes && status == RuntimeStatus.Suspended)
        {
            Parent?.DropActiveChild();
        }
        else if (changes && wasSuspended && Parent is not null)
        {
            Parent.ChildCount++;
        }

        SetStatus(status);
        if (changes && status == RuntimeStatus.Suspended && Parent is { IgnoresChildren: false })
        {
            Parent.RequestIdle();
        }
    }
}
