namespace VfioPm;

/// <summary>The functions of a host and how they hang together, as the kernel enumerated them.</summary>
public sealed partial class PciTopology : INumbered, IPciBus
{
    private readonly KeyedList<PciAddress, PciDevice> _devices = new(static device => BusOf(device.Address));
    private readonly List<AbsentFunction> _absent = [];
    private readonly RuntimePmCore _core;
    private readonly Firmware _firmware;
    private readonly PmePolling _pmePolling;
    private readonly MessageHandles _messageHandles;
    private readonly InterruptLines _interruptLines;
    private int? _highestIommuGroup;

    // A quirk of one function is for all: nobody gets message interrupts (not pci_msi_enable).
    private bool _forbidsMessages;

    // No two functions of a host have one index, though some come and go.
    private int _nextIndex;
    private readonly KernelMutex _rescanRemove;

    internal PciTopology(RuntimePmCore core, Firmware firmware, PciPowerRules rules, KernelCommandLine commandLine)
    {
        Rules = rules;
        CommandLine = commandLine;
        Events = new EventChannel<IPciPowerListener>(core.Clock.Calls);
        _core = core;
        _firmware = firmware;
        _messageHandles = new MessageHandles();
        _interruptLines = new InterruptLines(core, _messageHandles);
        _rescanRemove = new KernelMutex(core.Kernel, "pci_rescan_remove_lock", "the host", 0);
        Drivers = new PciDrivers(this, core.Kernel);
        Sysfs = new PciSysfs(core.Kernel, "/sys/bus/pci", new BusAttributes(this, Drivers));
        _pmePolling = new PmePolling(core.Kernel, rules);
    }

    private PciTopology(PciTopology original, ForkContext fork)
    {
        fork.Register(original, this);
        Rules = original.Rules;
        CommandLine = original.CommandLine;
        LeastD3HotDelay = original.LeastD3HotDelay;
        _forbidsMessages = original._forbidsMessages;
        Events = fork.Of(original.Events);
        _core = fork.Of(original._core);
        _firmware = original._firmware;
        _messageHandles = fork.Of(original._messageHandles);
        _interruptLines = fork.Of(original._interruptLines);
        _rescanRemove = fork.Of(original._rescanRemove);
        Drivers = new PciDrivers(original.Drivers, this, fork);
        Sysfs = new PciSysfs(original.Sysfs, fork);
        fork.CopyAll(original._devices.All, _devices.All);
        _highestIommuGroup = original._highestIommuGroup;
        _nextIndex = original._nextIndex;
        fork.CopyAll(original._absent, _absent);
        _pmePolling = fork.Of(original._pmePolling);
    }

    /// <summary>Which kernel's decisions are taken.</summary>
    public PciPowerRules Rules { get; }

    /// <summary>What the kernel was booted with.</summary>
    public KernelCommandLine CommandLine { get; }

    /// <summary>The drivers that there are.</summary>
    public PciDrivers Drivers { get; }

    /// <summary>
    /// What is under <c>/sys/bus/pci</c> besides the functions: "drivers_probe", and "bind", "unbind", "new_id" and "remove_id" of each
    /// driver ("drivers/vfio-pci/bind"); "rescan"; "power" and "adapter" of each slot that is served for hotplug ("slots/1/power").
    /// </summary>
    public PciSysfs Sysfs { get; }

    /// <summary>The functions in order of adding, bridges before what is below them.</summary>
    public IReadOnlyList<PciDevice> Devices => _devices.All;

    /// <summary>Who is told of every power state that the kernel comes to believe in, and of those of the hardware.</summary>
    public EventChannel<IPciPowerListener> Events { get; }

    int INumbered.Index => 0;

    /// <summary>The least time that the kernel gives any function after D3hot: a quirk may ask for more.</summary>
    public TimeSpan LeastD3HotDelay { get; private set; }

    bool IPciBus.ForbidsMessages => _forbidsMessages;

    MessageHandles IPciBus.MessageHandles => _messageHandles;

    InterruptLines IPciBus.InterruptLines => _interruptLines;

    /// <summary>The lines of the machine's interrupt controller that a pin leads to.</summary>
    public IReadOnlyList<InterruptLine> InterruptLines => _interruptLines.All;

    /// <summary>The function at an address, or null.</summary>
    public PciDevice? Find(PciAddress address) => OnBusOf(address).Find(device => device.Address == address);

    /// <summary>Adds a root port, with its driver bound (<c>pcieport</c>).</summary>
    /// <param name="address">Where: "0000:00:03.0".</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="FormatException"><paramref name="address"/> is no address.</exception>
    /// <exception cref="ArgumentException">
    /// There is a function at that address, or its bus is right below a bridge.
    /// </exception>
    public PciDevice AddRootPort(string address, Action<FunctionSetup>? setup = null) =>
        AddPort(address, ExpressPortType.RootPort, upstream: null, setup);

    /// <summary>Adds a function; a driver that is for it takes it (<see cref="PciDrivers"/>).</summary>
    /// <param name="address">Where: "0000:01:00.0".</param>
    /// <param name="image">What it is made from; an Intel 82574L network adapter by default.</param>
    /// <param name="upstream">The bridge above, or null for the root bus.</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="FormatException"><paramref name="address"/> is no address.</exception>
    /// <exception cref="ArgumentException">
    /// There is a function at that address; its bus is another than that of what is right below the bridge already, or is
    /// somewhere else; the bridge belongs to another host.
    /// </exception>
    /// <exception cref="InvalidOperationException"><paramref name="upstream"/> is no bridge.</exception>
    public PciDevice AddEndpoint(
        string address, DeviceImage? image, PciDevice? upstream, Action<FunctionSetup>? setup = null) =>
        Add(address, image ?? DeviceImages.E1000E, upstream, setup);

    /// <summary>
    /// The machine goes down (<c>device_shutdown()</c>): whoever was found last goes first, is woken, and its driver told. Nobody
    /// sleeps any more.
    /// </summary>
    /// <param name="startsKernel">Whether another kernel follows at once (kexec): then nobody stays master of the bus.</param>
    public void Shutdown(bool startsKernel = false)
    {
        using KernelEntry entry = KernelEntry.Call(_core.Kernel, "the machine goes down", "the host");
        entry.Run(ShutdownAll(startsKernel));
    }

    /// <summary>The machine goes to S3, or comes back: functions lose their power, those nearest to the processor get it first.</summary>
    internal void SwitchMachine(bool on)
    {
        for (int i = 0; i < _devices.All.Count; i++)
        {
            _devices.All[i].Hardware.FollowMachine(on);
        }
    }

    IForkable IForkable.Fork(ForkContext fork) => new PciTopology(this, fork);

    RuntimePmCallbacks IPciBus.CallbacksOf(PciDevice function) => new PciRuntimePm(function);

    ISysfsAttributes IPciBus.AttributesOf(PciDevice function) => new PciAttributes(function);

    IPmeService IPciBus.PmeServiceOf(PciDevice port) => new PmeService(port);

    KernelMutex IPciBus.RescanRemove => _rescanRemove;

    IHotplugService? IPciBus.HotplugOf(PciDevice port) => PortServices.HasHotplug(port) ? new HotplugController(port) : null;

    WorkItem IPciBus.WakeOf(PciDevice function) => new FirmwareWake(function);

    PciDevice IPciBus.AddPort(
        string address, ExpressPortType type, PciDevice? upstream, Action<FunctionSetup>? setup) =>
        AddPort(address, type, upstream, setup);

    KernelCall IPciBus.Attach(PciDevice function) => Drivers.Attach(function);

    bool IPciBus.Has(PciDriver driver) => Drivers.Has(driver);

    KernelCall<int> IPciBus.Bind(PciDevice function, PciDriver driver) => DriverBinding.Bind(function, driver);

    KernelCall<int> IPciBus.Unbind(PciDevice function) => DriverBinding.Unbind(function);

    KernelCall IPciBus.PollForPme(PciDevice function, bool polled) => _pmePolling.Set(function, polled);

    async KernelCall<PciDevice> IPciBus.AddVirtualFunction(PciDevice physical, int number)
    {
        var device = new PciDevice(
            this,
            _core,
            physical.Hardware.VirtualFunctions[number],
            physical.Upstream,
            _firmware,
            platform: null,
            physicalFunction: physical)
        {
            IommuGroup = HighestIommuGroup + 1,
        };
        await Initialize(device);
        Add(device);
        return device;
    }

    internal void AddTo(ref StateHash hash)
    {
        CommandLine.AddTo(ref hash);
        hash.Add(LeastD3HotDelay.Ticks);
        hash.Add(_forbidsMessages);
        hash.Add(_nextIndex);
        hash.Add(_devices.All.Count);
        foreach (PciDevice device in _devices.All)
        {
            device.Hardware.AddTo(ref hash);
            device.Platform?.AddTo(ref hash);
            device.AddTo(ref hash);
        }

        hash.Add(_absent.Count);
        foreach (AbsentFunction absent in _absent)
        {
            absent.AddTo(ref hash);
        }

        _rescanRemove.AddTo(ref hash);
        Drivers.AddTo(ref hash);
        _messageHandles.AddTo(ref hash);
        _interruptLines.AddTo(ref hash);
        _pmePolling.AddListTo(ref hash);
    }

    private async KernelCall ShutdownAll(bool startsKernel)
    {
        // Some may be removed meanwhile.
        for (int i = _devices.All.Count - 1; i >= 0; i = Math.Min(i, _devices.All.Count) - 1)
        {
            if (!_devices.All[i].IsShutDown)
            {
                await DriverBinding.Shutdown(_devices.All[i], startsKernel);
            }
        }
    }

    private PciDevice AddPort(
        string address, ExpressPortType type, PciDevice? upstream, Action<FunctionSetup>? setup)
    {
        PciDevice port = Add(address, DeviceImages.RootPort.WithPortType(type), upstream, setup);
        if (type == ExpressPortType.RootPort)
        {
            // The firmware waits until the port can be used again (_ON); the kernel waits for what is below it.
            port.Hardware.D3ColdDelay = TimeSpan.Zero;
        }

        return port;
    }

    private PciDevice Add(string address, DeviceImage image, PciDevice? upstream, Action<FunctionSetup>? setup)
    {
        ArgumentNullException.ThrowIfNull(address);

        // First, since it is the caller's own code, and may add functions itself.
        var wishes = new FunctionSetup();
        setup?.Invoke(wishes);
        PciAddress at = PciAddress.Parse(address);
        PciDevice device;
        lock (_core.Clock.Gate)
        {
            // Of two threads that add it one finds it there.
            Check(at, upstream, wishes);
            device = Enumerate(at, wishes.Image ?? image, upstream, wishes);
        }

        OfferToDrivers(device);
        return device;
    }

    private PciDevice Enumerate(PciAddress at, DeviceImage image, PciDevice? upstream, FunctionSetup wishes)
    {
        using KernelEntry entry = KernelEntry.Call(_core.Kernel, "enumerated", at.ToString());
        PciFunction hardware = MakeHardware(at, image, upstream, wishes);
        var device = new PciDevice(this, _core, hardware, upstream, _firmware, wishes.MakePlatform(hardware));
        device.IommuGroup = wishes.IommuGroup ?? NextIommuGroup(at);
        entry.Run(SetUp(device));
        device.Complete();
        upstream?.Hotplug?.OnFound();
        return device;
    }

    private PciFunction MakeHardware(PciAddress at, DeviceImage image, PciDevice? upstream, FunctionSetup wishes)
    {
        var hardware = new PciFunction(
            _core.Clock,
            wishes.Refine(image).At(at),
            upstream?.Hardware,
            wishes.Behavior,
            _nextIndex,
            wishes.Registers is { } registers ? new ForeignRegisters(registers, _core.Clock.Calls) : null);
        _nextIndex++;
        hardware.ShowSlot();
        if (wishes.InterruptLine is { } line)
        {
            _interruptLines.Lead(hardware, line);
        }

        BusNumbering.Assign(hardware, upstream, _devices.WithAny(BusesOf(at.Domain)));
        return hardware;
    }

    private async KernelCall SetUp(PciDevice device)
    {
        await Initialize(device);
        Add(device);
        LeastD3HotDelay = device.Quirks.LeastD3HotDelayOfAll > LeastD3HotDelay ? device.Quirks.LeastD3HotDelayOfAll : LeastD3HotDelay;
        _forbidsMessages |= device.Quirks.ForbidsMessages;
        await GraphicsLink.Make(device);
    }

    private void Add(PciDevice device)
    {
        _devices.Add(device);
        _highestIommuGroup = Math.Max(HighestIommuGroup, device.IommuGroup);
    }

    /// <summary>The function is complete: a driver may take it (<c>pci_bus_add_device()</c>).</summary>
    private void OfferToDrivers(PciDevice device)
    {
        if (Drivers.FirstFor(device) is { } driver)
        {
            using KernelEntry entry = KernelEntry.Call(_core.Kernel, $"bound to {driver.Name}", device.Name);
            entry.Run(Drivers.Attach(device));
        }
    }

    private void Check(PciAddress address, PciDevice? upstream, FunctionSetup setup)
    {
        if (upstream is not null && upstream.Bus != this)
        {
            throw new ArgumentException($"{upstream.Name} belongs to another host.", nameof(upstream));
        }

        if (upstream is { IsBridge: false })
        {
            throw new InvalidOperationException($"{upstream.Name} is no bridge: nothing can be below it.");
        }

        if (setup.SharedResources.FirstOrDefault(resource => !resource.Fed.All(Has)) is { } foreign)
        {
            throw new ArgumentException($"{foreign.Name} belongs to another host.", nameof(setup));
        }

        if (Find(address) is not null || _absent.Exists(absent => absent.Hardware.Address == address && absent.Hardware.Upstream is not { HasCard: false }))
        {
            throw new ArgumentException($"There is a function at {address} already.", nameof(address));
        }

        BusNumbering.Check(OnBusOf(address), address, upstream);
    }

    private bool Has(PciFunction function) => Find(function.Address)?.Hardware == function;

    /// <summary>All that are on a bus, and perhaps others.</summary>
    private PublishedList<PciDevice> OnBusOf(PciAddress address) => _devices.With(BusOf(address));

    private static PciAddress BusOf(PciAddress address) => address with { Device = 0, Function = 0 };

    private static IEnumerable<PciAddress> BusesOf(uint domain) =>
        Enumerable.Range(0, byte.MaxValue + 1).Select(bus => new PciAddress(domain, (byte)bus, 0, 0));

    /// <summary>
    /// What the kernel finds out of a new function and decides for it (<c>pci_device_add()</c>, <c>pci_init_capabilities()</c>).
    /// </summary>
    private static async KernelCall Initialize(PciDevice device)
    {
        await PciPm.Initialize(device);
        await PciPm.EnableRetryVisibility(device);
        AlternativeRouting.Configure(device);
        device.Sriov = PciSriov.Find(device, AlternativeRouting.IsToldBy(device));
        device.ResetMethods.Initialize(PciReset.FindMethods(device));
        PciPm.UpdateBridgeD3(device);
    }

    private int HighestIommuGroup => _highestIommuGroup ??= _devices.All.Select(static device => device.IommuGroup).DefaultIfEmpty().Max();

    /// <summary>
    /// Functions of one device share a group, since nothing separates them (without ACS,
    /// <c>pci_device_group()</c>); group 0 is the host bridge's.
    /// </summary>
    private int NextIommuGroup(PciAddress address) =>
        OnBusOf(address).Find(other => other.Address with { Function = address.Function } == address)?.IommuGroup
            ?? HighestIommuGroup + 1;
}
