namespace VfioPm;

// What drivers, user space and system sleep decide about the device's runtime PM.
public sealed partial class RuntimePmDevice
{
    /// <summary>Takes one disabling back (<c>pm_runtime_enable()</c>); one too many only warns.</summary>
    public void Enable()
    {
        lock (Core.Clock.Gate)
        {
            PmRuntime.Enable(this);
        }
    }

    /// <summary>
    /// Stops runtime PM for the device until it is enabled as often, once what is under way has ended
    /// (<c>pm_runtime_disable()</c>).
    /// </summary>
    /// <param name="carryOutPendingResume">
    /// Whether a resume that somebody asked for is carried out first (<c>__pm_runtime_disable()</c>'s
    /// <c>check_resume</c>): there is probably I/O to be done.
    /// </param>
    public void Disable(bool carryOutPendingResume = true)
    {
        using KernelEntry entry = Call();
        entry.Run(PmRuntime.Disable(this, carryOutPendingResume));
    }

    /// <summary>
    /// User space allows runtime PM (<c>pm_runtime_allow()</c>; "auto" to <c>power/control</c>): gives back the user that
    /// <see cref="Forbid"/> counted.
    /// </summary>
    public void Allow()
    {
        using KernelEntry entry = Call();
        entry.Run(PmRuntime.Allow(this));
    }

    /// <summary>User space forbids runtime PM (<c>pm_runtime_forbid()</c>; "on" to <c>power/control</c>).</summary>
    public void Forbid()
    {
        using KernelEntry entry = Call();
        entry.Run(PmRuntime.Forbid(this));
    }

    /// <summary>Starts the autosuspend delay anew (<c>pm_runtime_mark_last_busy()</c>).</summary>
    public void MarkLastBusy()
    {
        lock (Core.Clock.Gate)
        {
            MarkBusy();
        }
    }

    /// <summary>Lets suspends wait for the autosuspend delay, or not (<c>pm_runtime_use_autosuspend()</c>).</summary>
    public void SetUseAutosuspend(bool use)
    {
        using KernelEntry entry = Call();
        entry.Run(PmRuntime.UseAutosuspend(this, use));
    }

    /// <summary>Sets the autosuspend delay (<c>pm_runtime_set_autosuspend_delay()</c>).</summary>
    /// <param name="milliseconds">The kernel's <c>int</c>; a negative value prevents suspending while autosuspend is in use.</param>
    public void SetAutosuspendDelay(int milliseconds)
    {
        using KernelEntry entry = Call();
        entry.Run(PmRuntime.SetAutosuspendDelay(this, milliseconds));
    }

    /// <summary>Sets the autosuspend delay, to the millisecond.</summary>
    /// <param name="delay">How long; a negative time prevents suspending while autosuspend is in use.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is more milliseconds than an <c>int</c> holds.</exception>
    public void SetAutosuspendDelay(TimeSpan delay) => SetAutosuspendDelay(KernelTime.Milliseconds(delay, nameof(delay)));

    /// <summary>The device has no callbacks and follows its parent (<c>pm_runtime_no_callbacks()</c>).</summary>
    public void SetNoCallbacks() => HasNoCallbacks = true;

    /// <summary>
    /// The callbacks may run with interrupts disabled (<c>pm_runtime_irq_safe()</c>). The parent cannot be resumed there, so
    /// it is held from now on: once for each call.
    /// </summary>
    public void SetIrqSafe()
    {
        using KernelEntry entry = Call();
        entry.Run(PmRuntime.IrqSafe(this));
    }

    /// <summary>
    /// Lets the device sleep while children are active, or not (<c>pm_suspend_ignore_children()</c>).
    /// </summary>
    public void SetIgnoreChildren(bool ignore) => IgnoresChildren = ignore;

    /// <summary>Asks that resuming take at most so long (<c>dev_pm_qos_add_request()</c>, resume latency).</summary>
    /// <param name="microseconds">The limit; 0 forbids suspending.</param>
    /// <returns>1 if the tightest limit changed, else 0.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public KernelResult AddResumeLatencyRequest(int microseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(microseconds);
        lock (Core.Clock.Gate)
        {
            int? before = ResumeLatencyLimit;
            _resumeLatencyRequests = _resumeLatencyRequests.Add(microseconds);
            return ResumeLatencyLimit == before ? 0 : 1;
        }
    }

    /// <summary>Takes a request back (<c>dev_pm_qos_remove_request()</c>).</summary>
    /// <returns>1 if the tightest limit changed, else 0; -EINVAL if there is no such request.</returns>
    public KernelResult RemoveResumeLatencyRequest(int microseconds)
    {
        lock (Core.Clock.Gate)
        {
            int? before = ResumeLatencyLimit;
            int place = _resumeLatencyRequests.IndexOf(microseconds);
            if (place < 0)
            {
                return Errno.EINVAL;
            }

            _resumeLatencyRequests = _resumeLatencyRequests.RemoveAt(place);
            return ResumeLatencyLimit == before ? 0 : 1;
        }
    }

    /// <summary>
    /// Says that the device is active, without waking it (<c>pm_runtime_set_active()</c>): its suppliers are resumed and a
    /// past error is forgotten.
    /// </summary>
    /// <returns>
    /// 0; -EAGAIN while runtime PM is enabled and working; -EBUSY below a parent that is not active; or the supplier's error,
    /// and then the device counts as suspended.
    /// </returns>
    public KernelResult SetActive()
    {
        using KernelEntry entry = Call();
        return entry.Run(PmRuntime.SetStatus(this, RuntimeStatus.Active));
    }

    /// <summary>Says that the device is suspended (<c>pm_runtime_set_suspended()</c>).</summary>
    /// <returns>0, or -EAGAIN while runtime PM is enabled and working.</returns>
    public KernelResult SetSuspended()
    {
        using KernelEntry entry = Call();
        return entry.Run(PmRuntime.SetStatus(this, RuntimeStatus.Suspended));
    }

    /// <summary>
    /// Disables runtime PM and puts the device to sleep whoever uses it (<c>pm_runtime_force_suspend()</c>): a system sleep is
    /// coming.
    /// </summary>
    /// <returns>0, or the callback's error, with runtime PM enabled again.</returns>
    public KernelResult ForceSuspend()
    {
        using KernelEntry entry = Call();
        return entry.Run(PmRuntime.ForceSuspend(this));
    }

    /// <summary>
    /// Undoes <see cref="ForceSuspend"/> for a device that was in use (<c>pm_runtime_force_resume()</c>).
    /// </summary>
    /// <returns>0, or the callback's error; runtime PM is enabled in any case.</returns>
    public KernelResult ForceResume()
    {
        using KernelEntry entry = Call();
        return entry.Run(PmRuntime.ForceResume(this));
    }

    /// <summary>
    /// Makes this device a consumer of <paramref name="supplier"/> (<c>device_link_add()</c>, stateless).
    /// </summary>
    /// <param name="supplier">The device that this one needs.</param>
    /// <param name="managesRuntimePm"><c>DL_FLAG_PM_RUNTIME</c>: hold the supplier active while this device is.</param>
    /// <param name="rpmActive"><c>DL_FLAG_RPM_ACTIVE</c>: hold it from now on.</param>
    /// <returns>
    /// The link, or null where the kernel makes none: the supplier does not come up, or needs this device.
    /// </returns>
    /// <exception cref="ArgumentException">The supplier belongs to another subsystem.</exception>
    public DeviceLink? AddSupplier(RuntimePmDevice supplier, bool managesRuntimePm = true, bool rpmActive = false)
    {
        ArgumentNullException.ThrowIfNull(supplier);
        Core.CheckOwn(supplier, nameof(supplier));
        using KernelEntry entry = Call();
        KernelResult result =
            entry.Run(PmRuntime.AddLink(this, supplier, managesRuntimePm, holds: managesRuntimePm && rpmActive));
        return result.Value == 0 ? _suppliers.Find(link => link.Supplier == supplier) : null;
    }

    /// <summary>
    /// Unmakes a link that was made once, or takes one making back (<c>device_link_del()</c>); a supplier that is let go may
    /// sleep.
    /// </summary>
    /// <exception cref="ArgumentException">It is not this device's, or is unmade already.</exception>
    public void RemoveSupplier(DeviceLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        using KernelEntry entry = Call();
        if (!_suppliers.Contains(link))
        {
            throw new ArgumentException($"{Name} has no such link to {link.Supplier.Name}.", nameof(link));
        }

        entry.Run(PmRuntime.RemoveLink(this, link));
    }

    /// <summary>Resumes and holds the suppliers while a driver binds (<c>pm_runtime_get_suppliers()</c>).</summary>
    public void GetSuppliers()
    {
        using KernelEntry entry = Call();
        entry.Run(PmRuntime.GetSuppliers(this));
    }

    /// <summary>Lets go what <see cref="GetSuppliers"/> holds (<c>pm_runtime_put_suppliers()</c>).</summary>
    public void PutPreactivatedSuppliers()
    {
        using KernelEntry entry = Call();
        entry.Run(PmRuntime.PutSuppliers(this));
    }
}
