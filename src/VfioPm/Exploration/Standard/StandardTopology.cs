namespace VfioPm;

/// <summary>
/// The machines that kernels were recorded on (<c>docs/quality.md</c>), by the same names, but of the silicon that the
/// specifications describe.
/// </summary>
public sealed class StandardTopology
{
    private const string Port = "0000:00:03.0";
    private const string OtherPort = "0000:00:04.0";
    private const string Card = "0000:01:00.0";

    // Linux lets ports of PCI Express go to D3 where the firmware is of 2015 or later (pci_bridge_d3_possible()).
    private static readonly Firmware OldFirmware = new() { Year = 2014 };

    private readonly Action<SimulatedHost> _build;
    private readonly Firmware? _firmware;

    private StandardTopology(string name, string description, Action<SimulatedHost> build, Firmware? firmware = null)
    {
        Name = name;
        Description = description;
        _build = build;
        _firmware = firmware;
    }

    /// <summary>All topologies.</summary>
    public static IReadOnlyList<StandardTopology> All { get; } =
    [
        new("a", "a network card below a root port that stays in D0", static host => Single(host), OldFirmware),
        new("a-d3hot-port", "a network card below a root port that may sleep", static host => Single(host)),
        new("b", "a network card below a root port that can cut the power", static host => Single(host, isCold: true)),
        new("c", "an NVMe drive, which keeps its context over D3hot, below a root port that stays in D0", static host => Single(host, DeviceImages.Nvme), OldFirmware),
        new("c-cold", "an NVMe drive below a port that can cut the power", static host => Single(host, DeviceImages.Nvme, isCold: true)),
        new("f", "two network cards that are one device, below a port that can cut the power", static host => Pair(host, DeviceImages.E1000E)),
        new("g", "two root ports that stay in D0, a network card below each", static host => TwoPorts(host, isCold: false), OldFirmware),
        new("g-cold", "two root ports that can cut the power, a network card below each", static host => TwoPorts(host, isCold: true)),
        new("m", "a network card and an NVMe drive that are one device, below a port that can cut the power", static host => Pair(host, DeviceImages.Nvme)),
        new("sw", "a switch with two network cards below a root port that stays in D0", static host => Switch(host, isCold: false), OldFirmware),
        new("sw-d3hot", "a switch with two network cards below a root port, and all ports may sleep", static host => Switch(host, isCold: false)),
        new("sw-cold", "a switch with two network cards below a root port that can cut the power", static host => Switch(host, isCold: true)),
        new("sriov", "an NVMe drive with up to two virtual functions, below a port that can cut the power", static host => Single(host, DeviceImages.SriovNvme, isCold: true)),
    ];

    /// <summary>The name: "b".</summary>
    public string Name { get; }

    /// <summary>What is in the machine.</summary>
    public string Description { get; }

    /// <summary>The topology of a name.</summary>
    /// <exception cref="ArgumentException">There is no such topology; the message lists them.</exception>
    public static StandardTopology Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(topology => topology.Name == name)
            ?? throw new ArgumentException(
                $"There is no topology \"{name}\"; there are {string.Join(", ", All.Select(topology => topology.Name))}.", nameof(name));
    }

    /// <summary>A machine whose cards are bound to vfio-pci and, where the kernel lets them, asleep.</summary>
    public SimulatedHost Make(KernelProfile profile)
    {
        var host = new SimulatedHost(profile, new VfioModuleParameters { EnableSriov = true }, _firmware);
        _build(host);
        foreach (PciDevice device in host.Devices.ToList())
        {
            if (!device.IsBridge)
            {
                host.VfioPci.Bind(device);
            }
        }

        host.Clock.Advance(TimeSpan.FromSeconds(3));
        return host;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static PciDevice Single(SimulatedHost host, DeviceImage? image = null, bool isCold = false) =>
        host.AddRootPort(Port, setup => SetUp(setup, isCold)).AddEndpoint(Card, image);

    private static void Pair(SimulatedHost host, DeviceImage second)
    {
        PciDevice port = Single(host, DeviceImages.E1000E, isCold: true).Upstream!;
        port.AddEndpoint("0000:01:00.1", second);
    }

    private static void TwoPorts(SimulatedHost host, bool isCold)
    {
        Single(host, isCold: isCold);
        host.AddRootPort(OtherPort, setup => SetUp(setup, isCold)).AddEndpoint("0000:02:00.0");
    }

    private static void Switch(SimulatedHost host, bool isCold)
    {
        PciDevice top = host.AddRootPort(Port, setup => SetUp(setup, isCold)).AddUpstreamPort(Card);
        top.AddDownstreamPort("0000:02:00.0").AddEndpoint("0000:03:00.0");
        top.AddDownstreamPort("0000:02:01.0").AddEndpoint("0000:04:00.0");
    }

    private static void SetUp(FunctionSetup setup, bool isCold) => _ = isCold ? setup.WithPowerResource() : setup;
}
