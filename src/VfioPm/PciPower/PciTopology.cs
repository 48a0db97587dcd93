namespace VfioPm;

/// <summary>The functions of a host and how they hang together, as the kernel enumerated them.</summary>
public sealed class PciTopology : INumbered
{
    private readonly List<PciDevice> _devices = [];
    private readonly RuntimePmCore _core;
    private readonly Firmware _firmware;

    internal PciTopology(RuntimePmCore core, Firmware firmware, PciPowerRules rules)
    {
        Rules = rules;
        _core = core;
        _firmware = firmware;
        PmePolling = new PmePolling(core.Kernel, rules);
    }

    private PciTopology(PciTopology original, ForkContext fork)
    {
        fork.Register(original, this);
        Rules = original.Rules;
        _core = fork.Of(original._core);
        _firmware = original._firmware;
        _devices.AddRange(original._devices.Select(fork.Of));
        MessageHandles = new MessageHandles(original.MessageHandles);
        PmePolling = fork.Of(original.PmePolling);
    }

    /// <summary>Which kernel's decisions are taken.</summary>
    public PciPowerRules Rules { get; }

    /// <summary>The functions in order of adding, bridges before what is below them.</summary>
    public IReadOnlyList<PciDevice> Devices => _devices;

    int INumbered.Index => 0;

    internal MessageHandles MessageHandles { get; } = new();

    internal PmePolling PmePolling { get; }

    /// <summary>The function at an address, or null.</summary>
    public PciDevice? Find(PciAddress address) => _devices.Find(device => device.Address == address);

    /// <summary>Adds a root port, with its driver bound (<c>pcieport</c>).</summary>
    /// <param name="address">Where: "0000:00:03.0".</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="ArgumentException">
    /// There is a function at that address, or its bus is right below a bridge.
    /// </exception>
    public PciDevice AddRootPort(string address, Action<FunctionSetup>? setup = null) =>
        AddPort(address, ExpressPortType.RootPort, upstream: null, setup);

    /// <summary>Adds a function without a driver.</summary>
    /// <param name="address">Where: "0000:01:00.0".</param>
    /// <param name="image">What it is made from; an Intel 82574L network adapter by default.</param>
    /// <param name="upstream">The bridge above, or null for the root bus.</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="ArgumentException">
    /// There is a function at that address; its bus is another than that of what is right below the bridge already, or is
    /// somewhere else; the bridge belongs to another host.
    /// </exception>
    /// <exception cref="InvalidOperationException"><paramref name="upstream"/> is no bridge.</exception>
    public PciDevice AddEndpoint(
        string address, DeviceImage? image, PciDevice? upstream, Action<FunctionSetup>? setup = null) =>
        Add(address, image ?? DeviceImages.E1000E, upstream, setup);

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new PciTopology(this, fork);
    }

    /// <summary>Adds a virtual function: below the same bridge as the physical one, but in a group of its own.</summary>
    internal async KernelCall<PciDevice> AddVirtualFunction(PciDevice physical, int number)
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
        await device.Add();
        _devices.Add(device);
        return device;
    }

    /// <summary>Takes a function off the host.</summary>
    internal async KernelCall Remove(PciDevice device)
    {
        await device.StopAndRemove();
        _devices.Remove(device);
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_devices.Count);
        foreach (PciDevice device in _devices)
        {
            device.Hardware.AddTo(ref hash);
            device.Platform?.AddTo(ref hash);
            device.AddTo(ref hash);
        }

        MessageHandles.AddTo(ref hash);
        PmePolling.AddListTo(ref hash);
    }

    /// <summary>Adds a port, with its driver bound (<c>pcieport</c>).</summary>
    internal PciDevice AddPort(
        string address, ExpressPortType type, PciDevice? upstream, Action<FunctionSetup>? setup)
    {
        PciDevice port = Add(address, DeviceImages.RootPort.WithPortType(type), upstream, setup);
        if (type == ExpressPortType.RootPort)
        {
            // The firmware waits until the port can be used again (_ON); the kernel waits for what is below it.
            port.Hardware.D3ColdDelay = TimeSpan.Zero;
        }

        using (KernelEntry entry = KernelEntry.Call(_core.Kernel, "bound to pcieport", port.Name))
        {
            entry.Run(DriverBinding.Bind(port, PciPortDriver.Instance));
        }

        // The port's own services (hotplug, PME) share one message.
        MessageHandles.Allocate(1);
        return port;
    }

    private PciDevice Add(string address, DeviceImage image, PciDevice? upstream, Action<FunctionSetup>? setup)
    {
        if (upstream is not null && upstream.Topology != this)
        {
            throw new ArgumentException($"{upstream.Name} belongs to another host.", nameof(upstream));
        }

        if (upstream is { IsBridge: false })
        {
            throw new InvalidOperationException($"{upstream.Name} is no bridge: nothing can be below it.");
        }

        PciAddress at = PciAddress.Parse(address);
        if (Find(at) is not null)
        {
            throw new ArgumentException($"There is a function at {at} already.", nameof(address));
        }

        BusNumbering.Check(_devices, at, upstream);
        using (KernelEntry entry = KernelEntry.Call(_core.Kernel, "enumerated", address))
        {
            var wishes = new FunctionSetup();
            setup?.Invoke(wishes);
            var hardware = new PciFunction(
                _core.Clock,
                wishes.Refine(wishes.Image ?? image).At(at),
                upstream?.Hardware,
                wishes.Behavior,
                _devices.Count,
                wishes.Registers);
            var device = new PciDevice(this, _core, hardware, upstream, _firmware, wishes.MakePlatform(hardware));
            device.IommuGroup = wishes.IommuGroup ?? NextIommuGroup(at);
            entry.Run(device.Add());
            _devices.Add(device);
            return device;
        }
    }

    private int HighestIommuGroup => _devices.Count == 0 ? 0 : _devices.Max(static device => device.IommuGroup);

    /// <summary>
    /// Functions of one device share a group, since nothing separates them (without ACS,
    /// <c>pci_device_group()</c>); group 0 is the host bridge's.
    /// </summary>
    private int NextIommuGroup(PciAddress address) =>
        _devices.Find(other => other.Address with { Function = address.Function } == address)?.IommuGroup
            ?? HighestIommuGroup + 1;
}
