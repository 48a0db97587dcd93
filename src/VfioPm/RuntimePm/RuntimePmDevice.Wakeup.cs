namespace VfioPm;

// What wakes the device, and who is asked in place of its driver.
public sealed partial class RuntimePmDevice
{
    /// <summary>
    /// The PM domain that the device is in (<c>dev->pm_domain</c>), or null: its callbacks are called in place of the driver's, which are those
    /// for what it does not have. A domain calls the driver by <see cref="PmRuntime.GenericSuspend"/> and <see cref="PmRuntime.GenericResume"/>.
    /// </summary>
    public RuntimePmCallbacks? Domain { get; set; }

    /// <summary>Whether its wake interrupt is heard.</summary>
    public bool IsWakeIrqEnabled => WakeIrq is { IsEnabled: true };

    internal WakeIrq? WakeIrq { get; private set; }

    /// <summary>
    /// Gives the device an interrupt that tells only that it wants to be awake (<c>dev_pm_set_dedicated_wake_irq()</c>): it is heard from the
    /// moment on that the device begins to suspend, and no longer once it begins to resume.
    /// </summary>
    /// <param name="reverse">
    /// Only once it has suspended (<c>dev_pm_set_dedicated_wake_irq_reverse()</c>): its driver would take for a wake what its own suspending
    /// brings about.
    /// </param>
    /// <returns>0; -EEXIST where it has one.</returns>
    public KernelResult SetDedicatedWakeIrq(bool reverse = false)
    {
        lock (Core.Clock.Gate)
        {
            if (WakeIrq is not null)
            {
                return Errno.EEXIST;
            }

            WakeIrq = new WakeIrq(this, reverse);
            return 0;
        }
    }

    /// <summary>Takes it back (<c>dev_pm_clear_wake_irq()</c>).</summary>
    public void ClearWakeIrq()
    {
        lock (Core.Clock.Gate)
        {
            WakeIrq?.Cancel();
            WakeIrq = null;
        }
    }

    /// <summary>The device raises its wake interrupt, whose thread resumes it as time passes.</summary>
    /// <returns>Whether it is heard: a device that has none, or is awake, is not.</returns>
    public bool RaiseWakeIrq()
    {
        lock (Core.Clock.Gate)
        {
            return WakeIrq is { } irq && irq.Raise();
        }
    }

    /// <summary>Whose callback it is (<c>__rpm_get_callback()</c>).</summary>
    internal RuntimePmCallbacks CallbacksFor(RuntimePmCallback callback) => Domain is { } domain && domain.Has(callback) ? domain : Callbacks;
}
