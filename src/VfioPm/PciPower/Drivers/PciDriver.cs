namespace VfioPm;

/// <summary>
/// A driver that binds to PCI functions (<c>struct pci_driver</c> and its <c>dev_pm_ops</c>): one of the kernel's own, such as
/// <see cref="VfioPciDriver"/>, or one that a test brings along (<see cref="PciDrivers.Register"/>). A driver is one object
/// per host, however many functions it drives.
/// </summary>
/// <remarks>
/// <para>
/// Its functions are kernel functions, in their caller's thread. One that takes time is an <c>async</c> method that awaits: a sleep
/// (<c>device.RuntimePm.Core.Kernel.Sleep(…)</c>), or what a driver calls, which is in <see cref="PciPm"/>,
/// <see cref="PmRuntime"/> and <see cref="PciReset"/>. Meanwhile others call in.
/// </para>
/// <para>
/// What a driver remembers of a function is <see cref="PciDevice.DriverData"/>, so that a fork has it too. A driver that
/// remembers more in fields of its own is copied by <see cref="Fork"/>.
/// </para>
/// <para>What one of its functions throws comes out of the call at its end; the kernel sees -ERESTARTSYS.</para>
/// </remarks>
public abstract class PciDriver : INumbered
{
    /// <summary>The name in sysfs and messages; no other driver of the host has it.</summary>
    public abstract string Name { get; }

    int INumbered.Index => 0;

    /// <summary>Whether the driver has a <c>runtime_suspend</c> of its own.</summary>
    protected internal virtual bool HasRuntimeSuspend => false;

    /// <summary>Whether the driver has a <c>runtime_resume</c> of its own.</summary>
    protected internal virtual bool HasRuntimeResume => false;

    /// <summary>Whether the driver has any power-management callbacks; without them its functions never idle, until Linux 6.11 at least.</summary>
    protected internal virtual bool HasPmOps => true;

    /// <summary>Whether the driver has a <c>remove</c>; without one the function need not be awake to be given up.</summary>
    protected internal virtual bool HasRemove => true;

    /// <summary>
    /// Whether the kernel makes no memory accesses by the driver's functions (<c>driver_managed_dma</c>): such a driver may have one while a
    /// user has another one of the same IOMMU group.
    /// </summary>
    protected internal virtual bool ManagesDma => false;

    /// <summary>
    /// Whether the driver takes such functions by itself (its <c>id_table</c>). One that does not gets those that the
    /// administrator gives it (<c>driver_override</c>, <c>new_id</c>, <see cref="PciDevice.Bind"/>).
    /// </summary>
    protected internal virtual bool Matches(PciDevice device) => false;

    /// <summary>
    /// Takes a function over (<c>probe</c>): it is in D0 and held by one usage count, which a driver that does runtime PM gives
    /// back (<see cref="PmRuntime.PutNoIdle"/>). What a failed probe does not undo stays.
    /// </summary>
    protected internal abstract KernelCall<int> Probe(PciDevice device);

    /// <summary>Gives the function up (<c>remove</c>), with the usage count that probing found.</summary>
    protected internal virtual KernelCall Remove(PciDevice device) => KernelCall.Returned;

    /// <summary>The machine goes down (<c>shutdown</c>); the function is awake.</summary>
    protected internal virtual KernelCall Shutdown(PciDevice device) => KernelCall.Returned;

    /// <summary>Asked before an unused function suspends (<c>runtime_idle</c>); 0 lets it.</summary>
    protected internal virtual KernelCall<int> RuntimeIdle(PciDevice device) => 0;

    /// <summary>
    /// The administrator wants as many virtual functions, or with 0 none (<c>sriov_configure</c>); the driver has them
    /// enabled (<see cref="PciSriov.Enable"/>).
    /// </summary>
    /// <returns>How many there are; -ENOENT from a driver that cannot do it; what enabling them gave.</returns>
    protected internal virtual KernelCall<int> ConfigureSriov(PciDevice device, int count) => -Errno.ENOENT;

    /// <summary>
    /// Puts the function to sleep, as far as that is the driver's part (<c>runtime_suspend</c>). What it does not do, the PCI core
    /// does: a driver that changed the power state keeps that, one that saved the configuration chooses the state itself.
    /// </summary>
    /// <returns>0; -EBUSY or -EAGAIN for "not now"; any other error ends runtime PM for the function.</returns>
    protected internal virtual KernelCall<int> RuntimeSuspend(PciDevice device) => 0;

    /// <summary>The function is in D0 again, and the driver does its part (<c>runtime_resume</c>).</summary>
    protected internal virtual KernelCall<int> RuntimeResume(PciDevice device) => 0;

    /// <summary>What the driver lets system sleep do with its functions (<c>dev_pm_set_driver_flags()</c>).</summary>
    protected internal virtual DriverSleepFlags SleepFlags => DriverSleepFlags.None;

    /// <summary>Whether the driver has the callback of a phase of system sleep; by default it has none, and the PCI core does all.</summary>
    protected internal virtual bool HasSystemSleep(SleepPhase phase) => false;

    /// <summary>
    /// The whole machine goes to sleep, or wakes, and the function has come to a phase of that whose callback the driver has. What a driver
    /// leaves to the PCI core, that does: configuration saved, state chosen, and back.
    /// </summary>
    /// <returns>
    /// 0; on the way down an error, and the machine stays awake. From <see cref="SleepPhase.Prepare"/> 1 for a function that may stay as it
    /// is, where it is runtime-suspended.
    /// </returns>
    protected internal virtual KernelCall<int> SystemSleep(PciDevice device, SleepPhase phase) => 0;

    /// <summary>
    /// Whether a new virtual function of one of this driver's functions is for this driver too: a notifier's
    /// <c>driver_override</c>.
    /// </summary>
    protected internal virtual bool CapturesVirtualFunctions => false;

    /// <summary>
    /// Whether the driver is told of resets (<see cref="ResetPrepare"/>, <see cref="ResetDone"/>); of one that is not Linux 7.3's log tells.
    /// </summary>
    internal virtual bool HasResetHandlers => true;

    /// <summary>Told before the function is reset (<c>err_handler->reset_prepare</c>).</summary>
    protected internal virtual KernelCall ResetPrepare(PciDevice device) => KernelCall.Returned;

    /// <summary>Told after the function was reset (<c>err_handler->reset_done</c>).</summary>
    protected internal virtual KernelCall ResetDone(PciDevice device) => KernelCall.Returned;

    /// <inheritdoc/>
    public virtual IForkable Fork(ForkContext fork) => this;

    /// <summary>Adds what the driver remembers to the hash of the host's state.</summary>
    public virtual void AddTo(ref StateHash hash)
    {
    }

    /// <summary>
    /// The line that the function's pin leads to interrupts, and the driver asked for it (<see cref="PciIrq.Request"/>): this function or
    /// another one that shares it. A handler may not wait.
    /// </summary>
    /// <returns>Whether it was this function (<c>IRQ_HANDLED</c>); then its pin is quiet now, or the line disabled.</returns>
    protected internal virtual bool OnLineInterrupt(PciDevice device) => false;

    /// <summary>Whether a user has the function.</summary>
    internal virtual bool HasUser(PciDevice device) => false;

    /// <inheritdoc cref="IInterruptHandler.DeniesAlike"/>
    internal virtual bool DeniesAlike => false;

    /// <summary>The function sent the message of a vector that the driver asked for.</summary>
    internal virtual void OnMessageInterrupt(PciDevice device, int vector)
    {
    }

    /// <summary>
    /// Somebody uses the driver, and a function of it runs in a thread of the kernel; time passes until it returns. A driver's own methods
    /// for tests are made of it (<c>open()</c>, a packet, an ioctl).
    /// </summary>
    /// <param name="device">The function that it is about.</param>
    /// <param name="what">What somebody does, for the trace.</param>
    /// <param name="function">The driver's function, which is called at once.</param>
    /// <returns>What it returned.</returns>
    protected static KernelResult Call(PciDevice device, string what, Func<PciDevice, KernelCall<int>> function)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(function);
        using KernelEntry entry = KernelEntry.Call(device.Kernel, what, device.Name);
        return entry.Run(function(device));
    }

    /// <summary>The same, begun: it goes on as time passes.</summary>
    /// <inheritdoc cref="Call"/>
    protected static PendingCall Begin(PciDevice device, string what, Func<PciDevice, KernelCall<int>> function)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(function);
        using KernelEntry entry = KernelEntry.Begin(device.Kernel, what, device.Name);
        return entry.Start(function(device));
    }
}
