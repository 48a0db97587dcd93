namespace VfioPm;

/// <summary>The functions of a host and how they hang together, as the kernel enumerated them.</summary>
public sealed class PciTopology : IForkable
{
    private readonly List<PciDevice> _devices = [];
    private readonly RuntimePmCore _core;
    private readonly Firmware _firmware;

    internal PciTopology(RuntimePmCore core, Firmware firmware, PciPowerRules rules)
    {
        Rules = rules;
        _core = core;
        _firmware = firmware;
        PmePolling = new PmePolling(core.Clock, rules);
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

    internal MessageHandles MessageHandles { get; } = new();

    internal PmePolling PmePolling { get; }

    /// <summary>The function at an address, or null.</summary>
    public PciDevice? Find(PciAddress address) => _devices.Find(device => device.Address == address);

    /// <summary>Adds a root port, with its driver bound (<c>pcieport</c>).</summary>
    /// <param name="address">Where: "0000:00:03.0".</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="ArgumentException">There is a function at that address.</exception>
    public PciDevice AddRootPort(string address, Action<FunctionSetup>? setup = null) =>
        AddPort(address, ExpressPortType.RootPort, upstream: null, setup);

    /// <summary>Adds a function without a driver.</summary>
    /// <param name="address">Where: "0000:01:00.0".</param>
    /// <param name="image">What it is made from; an Intel 82574L network adapter by default.</param>
    /// <param name="upstream">The bridge above, or null for the root bus.</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="ArgumentException">There is a function at that address.</exception>
    public PciDevice AddEndpoint(
        string address, DeviceImage? image, PciDevice? upstream, Action<FunctionSetup>? setup = null) =>
        Add(address, image ?? DeviceImages.E1000E, upstream, setup);

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new PciTopology(this, fork);
    }

    internal void AddTo(ref StateHash hash)
    {
        foreach (PciDevice device in _devices)
        {
            device.Hardware.AddTo(ref hash);
            device.Platform?.AddTo(ref hash);
            device.AddTo(ref hash);
        }

        PmePolling.AddTo(ref hash);
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

        using (_core.Clock.Because("bound to pcieport", port.Name))
        {
            DriverBinding.Probe(port, PciPortDriver.Instance);
        }

        // The port's own services (hotplug, PME) share one message.
        MessageHandles.Allocate(1);
        return port;
    }

    private PciDevice Add(string address, DeviceImage image, PciDevice? upstream, Action<FunctionSetup>? setup)
    {
        PciAddress at = PciAddress.Parse(address);
        if (Find(at) is not null)
        {
            throw new ArgumentException($"There is a function at {at} already.", nameof(address));
        }

        using (new EntryScope(_core.Clock, "enumerated", address))
        {
            var wishes = new FunctionSetup();
            setup?.Invoke(wishes);
            var hardware = new PciFunction(
                _core.Clock,
                (wishes.Image ?? image).At(at),
                upstream?.Hardware,
                wishes.Behavior,
                _devices.Count,
                wishes.Registers);
            var device = new PciDevice(this, _core, hardware, upstream, _firmware, wishes.MakePlatform(hardware));
            device.IommuGroup = wishes.IommuGroup ?? NextIommuGroup(at);
            _devices.Add(device);
            return device;
        }
    }

    /// <summary>
    /// Functions of one device share a group, since nothing separates them (without ACS,
    /// <c>pci_device_group()</c>); group 0 is the host bridge's.
    /// </summary>
    private int NextIommuGroup(PciAddress address)
    {
        int highest = 0;
        foreach (PciDevice other in _devices)
        {
            if (other.Address with { Function = address.Function } == address)
            {
                return other.IommuGroup;
            }

            highest = Math.Max(highest, other.IommuGroup);
        }

        return highest + 1;
    }
}
