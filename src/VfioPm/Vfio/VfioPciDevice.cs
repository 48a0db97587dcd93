namespace VfioPm;

/// <summary>
/// A function that vfio-pci has bound (<c>struct vfio_pci_core_device</c>): between binding and unbinding, used
/// or not.
/// </summary>
public sealed partial class VfioPciDevice : IWaitQueue
{
    // To number those of all devices.
    private const int MostFiles = 1 << 8;

    internal const string Opening = "opened";

    private static readonly TimeSpan RequestPeriod = TimeSpan.FromSeconds(10);

    private readonly VfioPciDriver _driver;
    private readonly VfioModuleParameters _parameters;
    private readonly PublishedList<VfioDeviceFile> _files = [];
    private readonly BarResources _bars;

    // Opens hold the device as open files do, from their beginning on (vfio_device_try_get_registration()), until it goes.
    private int _opensUnderWay;
    private bool _isGoing;

    internal VfioPciDevice(VfioPciDriver driver, PciDevice pci, DeviceSet set)
    {
        _driver = driver;
        _parameters = driver.Parameters;
        Pci = pci;
        Set = set;
        Memory = new RwSemaphore(pci.Core.Kernel, "memory_lock", pci.Name, Index);
        InterruptGate = new KernelMutex(pci.Core.Kernel, "igate", pci.Name, Index);
        Flags = new FlagWord(pci.Core.Kernel, pci.Name, Index, VfioFlag.Names, driver.Rules.PacksFlags);
        Power = driver.Rules.MakePower(this);
        _bars = new BarResources(pci.Hardware, pci.Config.Bars);
        _token = pci.Sriov is null ? null : new VfToken();
    }

    private VfioPciDevice(VfioPciDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        _driver = fork.Of(original._driver);
        _parameters = original._parameters;
        Pci = fork.Of(original.Pci);
        _bars = original._bars;
        Session = fork.OfNullable(original.Session);
        Power = fork.Of(original.Power);
        Flags = fork.Of(original.Flags);
        fork.CopyAll(original._files, _files);
        fork.CopyAll(original._dmaBufs, _dmaBufs);
        fork.CopyAll(original._cdevs, _cdevs);
        Iommufd = fork.OfNullable(original.Iommufd);
        IommufdDeviceId = original.IommufdDeviceId;
        _groupBlocks = original._groupBlocks;
        Set = fork.Of(original.Set);
        Memory = fork.Of(original.Memory);
        InterruptGate = fork.Of(original.InterruptGate);
        NeedsReset = original.NeedsReset;
        MsiQueueSize = original.MsiQueueSize;
        _opensUnderWay = original._opensUnderWay;
        _isGoing = original._isGoing;
        SoftResets = original.SoftResets;
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
    public PowerState? PowerStateShown => Session is { } session && Pci.Hardware.Pm is { } pm
        ? session.Configuration.ShowPowerState(
            Pci.Hardware.PeekCycle(pm.ControlStatusOffset, 2), pm.ControlStatusOffset)
        : null;

    /// <summary>Whether its user reads D3hot because he asked for it, and not because nobody answers.</summary>
    internal bool IsAskedToSleep => PowerStateShown == PowerState.D3Hot
        && (Pci.Hardware.Answers || Session is { Configuration.IsLowPowerAsked: true });

    /// <summary>What there is of the device while it is open.</summary>
    internal VfioSession? Session { get; set; }

    /// <summary>All that is decided about its power.</summary>
    internal VfioPower Power { get; }

    /// <summary>What more than one thread changes of it (<see cref="VfioFlag"/>).</summary>
    internal FlagWord Flags { get; }

    /// <summary>Whether a way through D3hot loses the registers, as the driver read it once.</summary>
    internal bool SoftResets { get; private set; }

    /// <summary>The functions that only a reset of their bus can reset together with this one.</summary>
    internal DeviceSet Set { get; }

    internal VfioModuleParameters Parameters => Rules.Latched == LatchedParameters.All ? _parameters : _driver.Parameters;

    /// <summary>Whether it stays awake while it is unused (<c>disable_idle_d3</c>).</summary>
    internal bool DisablesIdleD3 => (Rules.Latched == LatchedParameters.None ? _driver.Parameters : _parameters).DisableIdleD3;

    /// <summary>Whether it is woken for the reset of its set at the last close.</summary>
    internal bool IsHeldForLastReset => !(Rules.HoldsForLastResetOnlyWithIdleD3 && DisablesIdleD3);

    internal VfioRules Rules => _driver.Rules;

    internal DescriptorTable Descriptors => _driver.Descriptors;

    internal RuntimePmDevice RuntimePm => Pci.RuntimePm;

    /// <summary>The number of its function.</summary>
    internal int Index => Pci.RuntimePm.Index;

    int INumbered.Index => Index;

    string IWaitQueue.WaitedFor => $"the last user of {Pci.Name} to close it";

    private VirtualClock Clock => Pci.Core.Clock;

    private Kernel Kernel => Pci.Core.Kernel;

    /// <summary>Opens the device (container, group and <c>VFIO_GROUP_GET_DEVICE_FD</c>).</summary>
    /// <param name="vfToken">The secret of the users of a physical function and its virtual functions.</param>
    /// <exception cref="InvalidOperationException">
    /// The kernel refuses, and the message says what it returned; or the function is no longer bound.
    /// </exception>
    public VfioDeviceFile Open(Guid? vfToken = null)
    {
        CheckBound();
        KernelResult result = TryOpen(out VfioDeviceFile? file, vfToken is null ? "" : $"vf_token={vfToken}");
        return file ?? throw new InvalidOperationException(
            $"{Pci.Name} cannot be opened: {result}. TryOpen() returns that, and a check of it says why.");
    }

    /// <summary>Opens the device, or says why not.</summary>
    /// <param name="file">The open device.</param>
    /// <param name="options">What stands behind the device's name: nothing, or "vf_token=" and a UUID.</param>
    /// <returns>
    /// 0; -EBUSY while <see cref="IsGroupBusy"/>; -EINVAL for other options, or a token where there is no use for one;
    /// -EACCES without the token that it takes; what waking or resetting the function gave; -ENODEV once it is being unbound.
    /// </returns>
    public KernelResult TryOpen(out VfioDeviceFile? file, string options = "")
    {
        ArgumentNullException.ThrowIfNull(options);
        using KernelEntry entry = KernelEntry.Call(Kernel, Opening, Pci.Name);
        KernelResult result = Errno.ENODEV;
        try
        {
            entry.Run(OpenFile(options), out result);
        }
        catch when (!result.IsError)
        {
            // Who gets no file could not close it.
            _files[^1].Close();
            throw;
        }

        file = result.IsError ? null : _files[^1];
        return result;
    }

    /// <summary>Begins <see cref="TryOpen"/>; the open device is then the last of <see cref="Files"/>.</summary>
    public PendingCall BeginOpen(string options = "")
    {
        ArgumentNullException.ThrowIfNull(options);
        using KernelEntry entry = KernelEntry.Begin(Kernel, Opening, Pci.Name);
        return entry.Start(OpenFile(options));
    }

    /// <inheritdoc/>
    public override string ToString() => $"vfio-pci {Pci}";

    IForkable IForkable.Fork(ForkContext fork) => new VfioPciDevice(this, fork);

    internal int NumberOf(VfioDeviceFile file) => (Index * MostFiles) + _files.IndexOf(file);

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Index);
        _parameters.AddTo(ref hash);
        _bars.AddTo(ref hash);
        hash.Add(Session is not null);
        Session?.AddTo(ref hash);
        Power.AddTo(ref hash);
        Flags.AddTo(ref hash);
        Memory.AddTo(ref hash);
        InterruptGate.AddTo(ref hash);
        hash.Add(NeedsReset);
        hash.Add(MsiQueueSize);
        hash.Add(_opensUnderWay);
        hash.Add(_isGoing, SoftResets);
        hash.Add(_files.Count);
        foreach (VfioDeviceFile file in _files)
        {
            file.AddTo(ref hash);
        }

        AddCdevsTo(ref hash);
        hash.Add(_dmaBufs.Count);
        foreach (VfioDmaBuf buffer in _dmaBufs)
        {
            buffer.AddTo(ref hash);
        }

        _token?.AddTo(ref hash);
    }

    /// <summary>What the virtual configuration space is made from, besides the registers.</summary>
    internal FunctionFacts CollectFacts() => new()
    {
        VendorId = Pci.VendorId,
        DeviceId = Pci.DeviceId,
        IsVirtualFunction = Pci.IsVirtualFunction,
        HasNoCommandMemory = Pci.IsVirtualFunction,
        Bars = _bars,
        IsIntxBroken = IsIntxBroken,
    };

    /// <summary>Takes all mapped pages away; the next accesses fault.</summary>
    internal void ZapMappings()
    {
        foreach (VfioDeviceFile file in _files)
        {
            file.ZapMappings();
        }
    }

    /// <summary><c>vfio_pci_core_register_device()</c>.</summary>
    internal async KernelCall Register()
    {
        // Read once: whether a way through D3hot loses the registers.
        SoftResets = Pci.Power.Pm is { NoSoftReset: false };
        await Power.Register();

        // Adding the group's device sleeps (vfio_register_group_dev()).
        await Kernel.Yield();
    }

    /// <summary><c>vfio_pci_core_unregister_device()</c>.</summary>
    internal async KernelCall Unregister()
    {
        await ConfigureSriov(0);
        await WaitForUsers();

        // device_del() takes its files away.
        await Pci.Core.Kernel.MightSleep();
        await Power.Unregister();
    }

    /// <summary>A user is done with a file: the last one closes the device (<c>vfio_device_fops_release()</c>).</summary>
    internal async KernelCall Close(VfioDeviceFile file)
    {
        Cause? before = Kernel.Because("closed", Pci.Name);
        using (await Set.Lock.Lock())
        {
            if (OpenCount == 1)
            {
                CountTokenUse(-1);
                await CleanUpDmaBufs();
                await file.Session.End();
                await file.Session.Interrupts.ReleaseTriggers();
                Session = null;
            }

            _files.Remove(file);
            UnbindIommufd(file.Cdev);
            TellUserCall();
        }

        Kernel.WakeAll(this);
        Clock.Cause = before;
    }

    /// <summary><c>vfio_device_open()</c>.</summary>
    private async KernelCall<int> OpenFile(string options)
    {
        if (IsGroupBusy)
        {
            return -Errno.EBUSY;
        }

        int result = ClaimGroup();
        if (result < 0)
        {
            return result;
        }

        result = OpenOptions.TryParse(options, out OpenOptions parsed);
        result = result < 0 ? result : CheckToken(parsed.Token);
        if (result < 0 || _isGoing)
        {
            return _isGoing ? -Errno.ENODEV : result;
        }

        _opensUnderWay++;
        try
        {
            return await OpenCounted();
        }
        finally
        {
            _opensUnderWay--;
            Kernel.WakeAll(this);
        }
    }

    private async KernelCall<int> OpenCounted()
    {
        int result = 0;
        using (await Set.Lock.Lock())
        {
            if (!IsOpen)
            {
                result = await VfioSession.Begin(this);
                CountTokenUse(result < 0 ? 0 : 1);
            }

            if (result >= 0)
            {
                _files.Add(new VfioDeviceFile(Session!, cdev: null));
                TellUserCall();
            }

            return result;
        }
    }

    /// <summary>
    /// Asks the user for the device until nobody has it open (<c>vfio_unregister_group_dev()</c>,
    /// <c>vfio_pci_core_request()</c>).
    /// </summary>
    private async KernelCall WaitForUsers()
    {
        _isGoing = true;
        for (int request = 0; IsWanted; request++)
        {
            using (await InterruptGate.Lock())
            {
                RelayRequest(request);
            }

            // Who closed it meanwhile was not waited for in vain (a completion is counted).
            if (IsWanted)
            {
                await Kernel.WaitOn(this, RequestPeriod);
            }
        }
    }

    /// <summary>The user asks for a power state in PMCSR.</summary>
    internal void TellPowerStateAsked(PowerState state) =>
        _driver.Events.Tell((this, state), static (listener, in it) => listener.OnPowerStateAsked(it.Item1, it.state));

    /// <summary>The user permits low power.</summary>
    internal void TellLowPowerPermitted() => _driver.Events.Tell(this, static (listener, in device) => listener.OnLowPowerPermitted(device));

    /// <summary>He no longer does.</summary>
    internal void TellLowPowerTakenBack() => _driver.Events.Tell(this, static (listener, in device) => listener.OnLowPowerTakenBack(device));

    /// <summary>He was told that the device was woken.</summary>
    internal void TellWakeupTold() => _driver.Events.Tell(this, static (listener, in device) => listener.OnWakeupTold(device));

    /// <summary>What a user sees may have changed.</summary>
    internal void TellUserCall() => _driver.Events.Tell(this, static (listener, in device) => listener.OnUserCall(device));
}
