namespace VfioPm;

/// <summary>
/// All that is decided about a bound function's power: who changes its state and when, what its user's D-states mean, and what
/// is kept meanwhile. It differs most between the kernels before the RFC, the RFC and those that came of it, a class each.
/// </summary>
internal abstract class VfioPower : IUserPowerHooks
{
    private readonly StoredState _stateBeforeD3;

    protected VfioPower(VfioPciDevice device)
    {
        Device = device;
        _stateBeforeD3 = device.Pci.SavedState.NewStored();
    }

    protected VfioPower(VfioPower original, ForkContext fork)
    {
        fork.Register(original, this);
        Device = fork.Of(original.Device);
        _stateBeforeD3 = new StoredState(original._stateBeforeD3, fork);
    }

    public int Index => Device.Index;

    /// <summary>Whether memory of a function in D3 is kept from its user, as if it were disabled in COMMAND.</summary>
    public virtual bool IsMemoryFenced => false;

    /// <summary>Whether the user permits low power, and so mappings fault.</summary>
    public virtual bool IsLowPowerPermitted => false;

    /// <summary>What is signalled when the device is woken, or null.</summary>
    public virtual EventFd? Wakeup => null;

    /// <summary>
    /// What the user of an open device has not done for it to sleep: "has not asked for D3hot"; null where it is up to
    /// nobody, or done.
    /// </summary>
    public virtual string? LeftUndoneForSleep => null;

    protected VfioPciDevice Device { get; }

    protected RuntimePmDevice Runtime => Device.Pci.RuntimePm;

    protected Kernel Kernel => Device.Pci.Core.Kernel;

    /// <summary>Whether unused functions may sleep (<c>disable_idle_d3</c> is not set).</summary>
    protected bool MayIdle => !Device.DisablesIdleD3;

    /// <summary>
    /// Whether the driver saves the configuration before D3 and restores it after, where the function soft-resets; the RFC
    /// leaves that to the PCI core.
    /// </summary>
    protected virtual bool KeepsStateOverD3 => true;

    /// <summary>The state that the function is in, as far as its configuration has to be kept.</summary>
    protected virtual PowerState StateKept => Device.Pci.PowerState;

    /// <summary>Whether something needs the function in D0, so that nobody may put it to sleep.</summary>
    protected virtual bool IsKeptInD0 => false;

    /// <summary>The driver took the function (<c>vfio_pci_core_register_device()</c>).</summary>
    public abstract KernelCall Register();

    /// <summary>The driver gives the function up (<c>vfio_pci_core_unregister_device()</c>).</summary>
    public abstract KernelCall Unregister();

    /// <summary>A user opens the device (the beginning of <c>vfio_pci_core_enable()</c>).</summary>
    public abstract KernelCall<int> BeginUse();

    /// <summary>Opening failed after <see cref="BeginUse"/>.</summary>
    public abstract KernelCall AbandonUse();

    /// <summary>The user closes the device: from here on it is in D0 (the beginning of <c>vfio_pci_core_disable()</c>).</summary>
    public abstract KernelCall WakeForClose();

    /// <summary>The device is closed; <paramref name="wasReset"/> says whether its set was reset.</summary>
    public abstract KernelCall EndUse(bool wasReset);

    /// <summary>
    /// An ioctl, a read or a write of the user begins (<c>vfio_device_pm_runtime_get()</c>); an error ends it.
    /// </summary>
    public virtual KernelCall<int> BeginUserCall(UserCalls call) => 0;

    /// <summary>Undoes <see cref="BeginUserCall"/>.</summary>
    public virtual KernelCall EndUserCall(UserCalls call) => KernelCall.Returned;

    /// <summary>The user is about to have the device reset, alone or with its set.</summary>
    public virtual KernelCall BeforeReset() => KernelCall.Returned;

    /// <summary>It was, or not.</summary>
    public virtual KernelCall AfterReset() => KernelCall.Returned;

    /// <summary>The set was reset through a member; called for every member.</summary>
    public abstract KernelCall AfterSetReset(VfioPciDevice through);

    /// <summary>The set that the device is in is about to be reset; an error stops it.</summary>
    public virtual KernelCall<int> HoldForReset() => 0;

    /// <summary>Undoes <see cref="HoldForReset"/>.</summary>
    public virtual KernelCall ReleaseAfterReset() => KernelCall.Returned;

    /// <summary>
    /// Virtual functions of the device are about to be enabled (<c>vfio_pci_core_sriov_configure()</c>); an error stops
    /// it.
    /// </summary>
    public virtual KernelCall<int> HoldForVirtualFunctions() => 0;

    /// <summary>They are gone, or did not come.</summary>
    public virtual KernelCall ReleaseAfterVirtualFunctions() => KernelCall.Returned;

    /// <summary>The driver's <c>runtime_suspend</c>.</summary>
    public virtual KernelCall<int> RuntimeSuspend() => 0;

    /// <summary>The driver's <c>runtime_resume</c>.</summary>
    public virtual KernelCall<int> RuntimeResume() => 0;

    /// <summary>
    /// The user permits low power (<c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY</c>), and may want to be told when it ends.
    /// </summary>
    /// <returns>0; -EINVAL if it is permitted already; -ENOTTY on kernels without.</returns>
    public virtual KernelCall<int> EnterLowPower(EventFd? wakeup) => -Errno.ENOTTY;

    /// <summary>The user no longer does.</summary>
    /// <inheritdoc cref="EnterLowPower"/>
    public virtual KernelCall<int> ExitLowPower() => -Errno.ENOTTY;

    /// <summary>
    /// Changes the power state, with the configuration kept by the driver where D3 loses it
    /// (<c>vfio_pci_set_power_state()</c>).
    /// </summary>
    /// <returns>What the PCI core gave; -EBUSY below D0 while virtual functions need the function there.</returns>
    public async KernelCall<int> SetState(PowerState state)
    {
        if (state > PowerState.D0 && IsKeptInD0)
        {
            return -Errno.EBUSY;
        }

        PciDevice pci = Device.Pci;
        bool keeps = KeepsStateOverD3 && Device.SoftResets;
        bool saves = keeps && StateKept < PowerState.D3Hot && state >= PowerState.D3Hot;
        bool restores = keeps && StateKept >= PowerState.D3Hot && state <= PowerState.D0;
        if (saves)
        {
            await PciPm.SaveState(pci);
        }

        int result = await PciPm.SetPowerState(pci, state);
        if (result == 0)
        {
            OnStateSet();
        }

        if (result == 0 && saves && pci.PowerState >= PowerState.D3Hot)
        {
            pci.SavedState.Store(_stateBeforeD3);
        }
        else if (result == 0 && restores)
        {
            pci.SavedState.LoadOrForget(_stateBeforeD3);
            await PciPm.RestoreState(pci);
        }

        return result;
    }

    /// <summary>The driver changed the power state.</summary>
    protected virtual void OnStateSet()
    {
    }

    public virtual KernelCall PutForLowPower() => KernelCall.Returned;

    public virtual KernelCall GetForFullPower() => KernelCall.Returned;

    public virtual void BeginUserAccess()
    {
    }

    public virtual KernelCall EndUserAccess() => KernelCall.Returned;

    public virtual KernelCall BeginHardwareAccess() => KernelCall.Returned;

    public virtual void EndHardwareAccess()
    {
    }

    public abstract IForkable Fork(ForkContext fork);

    public virtual void AddTo(ref StateHash hash) => _stateBeforeD3.AddTo(ref hash);
}
