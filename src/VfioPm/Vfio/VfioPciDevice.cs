namespace VfioPm;

/// <summary>
/// A function that vfio-pci has bound (<c>struct vfio_pci_core_device</c>): between binding and unbinding, used
/// or not.
/// </summary>
public sealed partial class VfioPciDevice : IWaitQueue
{
    private const string Opening = "opened";
    private const string Unbinding = "unbound from vfio-pci";

    private static readonly TimeSpan RequestPeriod = TimeSpan.FromSeconds(10);

    private readonly VfioPciDriver _driver;
    private readonly List<VfioDeviceFile> _files = [];
    private readonly ConfigurationSnapshot _stateBeforeUse;
    private readonly BarResources _bars;
    private bool _hasStateBeforeUse;

    internal VfioPciDevice(VfioPciDriver driver, PciDevice pci, DeviceSet set)
    {
        _driver = driver;
        Pci = pci;
        Set = set;
        Memory = new RwSemaphore(pci.Core.Kernel, "memory_lock", pci.Name, Index);
        InterruptGate = new KernelMutex(pci.Core.Kernel, "igate", pci.Name, Index);
        _stateBeforeUse = pci.SavedState.NewSnapshot();
        _stateBeforeD3 = pci.SavedState.NewSnapshot();
        _bars = new BarResources(pci.Hardware);
        Interrupts = new DeviceInterrupts(this);
        LowPower = new LowPower(this);
        IoEventFds = new IoEventFds(this);
        _token = pci.Sriov is null ? null : new VfToken();
    }

    private VfioPciDevice(VfioPciDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        _driver = fork.Of(original._driver);
        Pci = fork.Of(original.Pci);
        _bars = original._bars;
        _regions = original._regions;
        Configuration = fork.OfNullable(original.Configuration);
        _files.AddRange(original._files.Select(fork.Of));
        Set = fork.Of(original.Set);
        Memory = fork.Of(original.Memory);
        InterruptGate = fork.Of(original.InterruptGate);
        NeedsReset = original.NeedsReset;
        _softResets = original._softResets;
        ResetWorks = original.ResetWorks;
        _hasStateBeforeD3 = original._hasStateBeforeD3;
        _hasStateBeforeUse = original._hasStateBeforeUse;
        _stateBeforeD3 = new ConfigurationSnapshot(original._stateBeforeD3);
        _stateBeforeUse = new ConfigurationSnapshot(original._stateBeforeUse);
        Interrupts = new DeviceInterrupts(original.Interrupts, this, fork);
        LowPower = new LowPower(original.LowPower, this, fork);
        IoEventFds = new IoEventFds(original.IoEventFds, this, fork);
        IsKeptAwakeByVirtualFunctions = original.IsKeptAwakeByVirtualFunctions;
        _token = original._token is { } token ? new VfToken(token) : null;
    }

    /// <summary>The function.</summary>
    public PciDevice Pci { get; }

    /// <summary>How many users have the device open.</summary>
    public int OpenCount => _files.Count;

    /// <summary>What the users hold of the device, in order of opening.</summary>
    public IReadOnlyList<VfioDeviceFile> Files => _files;

    /// <summary>Whether a user has the device open.</summary>
    public bool IsOpen => OpenCount > 0;

    /// <summary>Whether the last user left the function without a reset.</summary>
    public bool NeedsReset { get; internal set; }

    /// <summary>
    /// The power state that the user would read in PMCSR now, if reading it woke nobody; null while nobody has the device
    /// open, and for a function without a PM capability.
    /// </summary>
    public PowerState? PowerStateShown => Configuration is not null && IsOpen && Pci.Hardware.Pm is { } pm
        ? Configuration.ShowPowerState(Pci.Hardware.PeekCycle(pm.ControlStatusOffset, 2), pm.ControlStatusOffset)
        : null;

    /// <summary>Whether the function could be reset when it was opened (<c>reset_works</c>).</summary>
    internal bool ResetWorks { get; private set; }

    internal VfioModuleParameters Parameters => _driver.Parameters;

    internal VfioRules Rules => _driver.Rules;

    internal RuntimePmDevice RuntimePm => Pci.RuntimePm;

    /// <summary>What the user sees as configuration space, while the device is open.</summary>
    internal VirtualConfiguration? Configuration { get; private set; }

    /// <summary>The number of its function.</summary>
    internal int Index => Pci.RuntimePm.Index;

    int INumbered.Index => Index;

    string IWaitQueue.WaitedFor => $"the last user of {Pci.Name} to close it";

    private VirtualClock Clock => Pci.Core.Clock;

    private Kernel Kernel => Pci.Core.Kernel;

    /// <summary>Opens the device (container, group and <c>VFIO_GROUP_GET_DEVICE_FD</c>).</summary>
    /// <param name="vfToken">The secret of the users of a physical function and its virtual functions.</param>
    /// <exception cref="InvalidOperationException">The kernel refuses; the message says what it returned.</exception>
    public VfioDeviceFile Open(Guid? vfToken = null)
    {
        KernelResult result = TryOpen(out VfioDeviceFile? file, vfToken is null ? "" : $"vf_token={vfToken}");
        return file ?? throw new InvalidOperationException($"{Pci.Name} cannot be opened: {result}.");
    }

    /// <summary>Opens the device, or says why not.</summary>
    /// <param name="file">The open device.</param>
    /// <param name="options">What stands behind the device's name: nothing, or "vf_token=" and a UUID.</param>
    /// <returns>
    /// 0; -EINVAL for other options, or a token where there is no use for one; -EACCES without the token that it takes;
    /// what waking or resetting the function gave.
    /// </returns>
    public KernelResult TryOpen(out VfioDeviceFile? file, string options = "")
    {
        using KernelEntry entry = KernelEntry.Call(Kernel, Opening, Pci.Name);
        KernelResult result = entry.Run(OpenFile(options));
        file = result.IsError ? null : _files[^1];
        return result;
    }

    /// <summary>Begins <see cref="TryOpen"/>; the open device is then the last of <see cref="Files"/>.</summary>
    public PendingCall BeginOpen(string options = "")
    {
        using KernelEntry entry = KernelEntry.Begin(Kernel, Opening, Pci.Name);
        return entry.Start(OpenFile(options));
    }

    /// <summary>
    /// Gives the function up, as writing to <c>unbind</c> in sysfs does. Where a user has the device open the kernel asks it
    /// to release the device (<see cref="VfioIrqIndex.Req"/>), again every ten seconds, and waits until it has.
    /// </summary>
    /// <exception cref="SimulationDeadlockException">
    /// A user has the device open, and nothing that is pending closes it: the call goes on once it is closed.
    /// </exception>
    public void Unbind()
    {
        using KernelEntry entry = KernelEntry.Call(Kernel, Unbinding, Pci.Name);
        entry.Run(DriverBinding.Release(Pci));
    }

    /// <summary>Begins <see cref="Unbind"/>.</summary>
    public PendingCall BeginUnbind()
    {
        using KernelEntry entry = KernelEntry.Begin(Kernel, Unbinding, Pci.Name);
        return entry.Start(Release());
    }

    /// <inheritdoc/>
    public override string ToString() => $"vfio-pci {Pci}";

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new VfioPciDevice(this, fork);
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Index);
        _bars.AddTo(ref hash);
        Interrupts.AddTo(ref hash);
        LowPower.AddTo(ref hash);
        Memory.AddTo(ref hash);
        InterruptGate.AddTo(ref hash);
        hash.Add(NeedsReset);
        hash.Add(_softResets);
        hash.Add(ResetWorks);
        Add(ref hash, _hasStateBeforeD3, _stateBeforeD3);
        Add(ref hash, _hasStateBeforeUse, _stateBeforeUse);
        hash.Add(Configuration is not null);
        Configuration?.AddTo(ref hash);
        AddFilesTo(ref hash);
        IoEventFds.AddTo(ref hash);
        hash.Add(IsKeptAwakeByVirtualFunctions);
        _token?.AddTo(ref hash);
    }

    /// <summary><c>vfio_pci_core_register_device()</c>.</summary>
    internal async KernelCall Register()
    {
        // Read once: whether a way through D3hot loses the registers.
        _softResets = Pci.Pm is { NoSoftReset: false };
        await Rules.Power.Register(this);

        // Adding the group's device sleeps (vfio_register_group_dev()).
        await Kernel.Yield();
    }

    /// <summary><c>vfio_pci_core_unregister_device()</c>.</summary>
    internal async KernelCall Unregister()
    {
        await ConfigureSriov(0);
        await WaitForUsers();
        await Rules.Power.Unregister(this);
    }

    /// <summary>A user is done with a file: the last one closes the device (<c>vfio_device_fops_release()</c>).</summary>
    internal async KernelCall Close(VfioDeviceFile file)
    {
        Cause? before = Kernel.Because("closed", Pci.Name);
        await Set.Lock.Lock();
        try
        {
            if (OpenCount == 1)
            {
                CountTokenUse(-1);
                await Disable();
                await Interrupts.ReleaseTriggers();
            }

            _files.Remove(file);
            TellObserver();
        }
        finally
        {
            Set.Lock.Unlock();
        }

        Kernel.WakeAll(this);
        Clock.Cause = before;
    }

    private async KernelCall<KernelResult> Release()
    {
        await DriverBinding.Release(Pci);
        return KernelResult.Success;
    }

    /// <summary><c>vfio_device_open()</c>.</summary>
    private async KernelCall<KernelResult> OpenFile(string options)
    {
        KernelResult result = OpenOptions.TryParse(options, out OpenOptions parsed);
        result = result.IsError ? result : CheckToken(parsed.Token);
        if (result.IsError)
        {
            return result;
        }

        await Set.Lock.Lock();
        try
        {
            result = IsOpen ? KernelResult.Success : await Enable();
            if (!result.IsError)
            {
                _files.Add(new VfioDeviceFile(this));
                TellObserver();
            }

            return result;
        }
        finally
        {
            Set.Lock.Unlock();
        }
    }

    /// <summary>
    /// Asks the user for the device until nobody has it open (<c>vfio_unregister_group_dev()</c>,
    /// <c>vfio_pci_core_request()</c>).
    /// </summary>
    private async KernelCall WaitForUsers()
    {
        while (IsOpen)
        {
            await InterruptGate.Lock();
            Interrupts.SignalRequest();
            InterruptGate.Unlock();
            await Kernel.WaitOn(this, RequestPeriod);
        }
    }

    internal void TellObserver() => (Pci.Core.Observer as VfioObserver)?.OnUserCall(this);
}
