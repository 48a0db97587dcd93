using System.ComponentModel;

namespace VfioPm;

/// <summary>
/// A PCI function as the host's kernel sees it (<c>struct pci_dev</c>): where it is, what is above and below it, and the driver
/// that has it. What the registers hold is <see cref="Hardware"/>'s matter.
/// </summary>
/// <remarks>
/// What else the kernel knows of it is in small classes of one idea each, which know nothing of the function that holds
/// them; and what the kernel does with it are functions that take it, as in <c>drivers/pci</c>.
/// </remarks>
public sealed partial class PciDevice : PciPmDevice
{
    private readonly PublishedList<PciDevice> _downstream = [];

    internal PciDevice(
        IPciBus bus,
        RuntimePmCore core,
        PciFunction hardware,
        PciDevice? upstream,
        Firmware firmware,
        PlatformPower? platform,
        PciDevice? physicalFunction = null)
        : base(
            new SiliconConfiguration(hardware, core.Kernel),
            upstream,
            platform,
            bus.Rules,
            physicalFunction is null ? null : IdentityOf(physicalFunction, hardware))
    {
        Bus = bus;
        Hardware = hardware;
        Upstream = upstream;
        Firmware = firmware;
        Platform = platform;
        PhysicalFunction = physicalFunction;
        upstream?._downstream.Add(this);
        RuntimePm = core.AddDevice(hardware.Address.ToString(), upstream?.RuntimePm, bus.CallbacksOf(this));
        Access = new PciAccess(hardware, core.Kernel, RuntimePm);
        Bridge = hardware.IsBridge ? new PciBridge(FindObstacleToD3(), !Quirks.PassesNoMessagesOn) : null;
        Command = new PciCommand(Silicon);
        InterruptLine = bus.InterruptLines.LineOf(hardware);
        Messages = new MessageInterrupts(hardware, Silicon, Power, Quirks, Command, bus.MessageHandles, this);
        Pin = new InterruptPin(hardware, Command, Messages, InterruptLine);
        Vpd = PciVpd.Find(hardware, core.Kernel, RuntimePm);
        FirmwareWake = platform is { CanWake: true } ? bus.WakeOf(this) : null;
        Pme = Express is { Type: ExpressPortType.RootPort } ? bus.PmeServiceOf(this) : null;
        Hotplug = bus.HotplugOf(this);
        ResetMethods = new ResetMethods();
        HostConfig = new HostConfiguration(this);
        Files = new SysfsFiles(core.Kernel, Name, RuntimePm.Index);
        hardware.InterruptReceiver = this;
        hardware.Listener = this;
    }

    private PciDevice(PciDevice original, ForkContext fork)
        : base(original, fork)
    {
        Bus = fork.Of(original.Bus);
        Hardware = fork.Of(original.Hardware);
        Upstream = fork.OfNullable(original.Upstream);
        Firmware = original.Firmware;
        Platform = fork.OfNullable(original.Platform);
        PhysicalFunction = fork.OfNullable(original.PhysicalFunction);
        IommuGroup = original.IommuGroup;
        Driver = fork.OfNullable(original.Driver);
        DriverData = fork.OfNullable(original.DriverData);
        DriverOverride = original.DriverOverride;
        IsAdded = original.IsAdded;
        AllowsBinding = original.AllowsBinding;
        IsShutDown = original.IsShutDown;
        IsDead = original.IsDead;
        IsRomShown = original.IsRomShown;
        ForwardsAri = original.ForwardsAri;
        Access = fork.Of(original.Access);
        Command = new PciCommand(Silicon);
        InterruptLine = fork.OfNullable(original.InterruptLine);
        Messages = new MessageInterrupts(original.Messages, Hardware, Silicon, Power, Quirks, Command, Bus.MessageHandles, this);
        Pin = new InterruptPin(original.Pin, Hardware, Command, Messages, InterruptLine);
        Vpd = fork.OfNullable(original.Vpd);
        FirmwareWake = fork.OfNullable(original.FirmwareWake);
        Pme = fork.OfNullable(original.Pme);
        Hotplug = fork.OfNullable(original.Hotplug);
        ResetMethods = new ResetMethods(original.ResetMethods);
        Sriov = original.Sriov is { } sriov ? new PciSriov(sriov, this, fork) : null;
        HostConfig = new HostConfiguration(this);
        Files = fork.Of(original.Files);
        fork.CopyAll(original._downstream, _downstream);
        Hardware.InterruptReceiver = this;
        Hardware.Listener = this;
    }

    /// <summary>The silicon.</summary>
    public PciFunction Hardware { get; }

    /// <summary>What the machine's firmware says of the machine.</summary>
    public Firmware Firmware { get; }

    /// <summary>What the firmware's tables have for the function (<c>ACPI_COMPANION()</c>), or null.</summary>
    public PlatformPower? Platform { get; }

    /// <summary>The bridge above, or null on a root bus.</summary>
    public override PciDevice? Upstream { get; }

    /// <summary>What is directly below a bridge.</summary>
    public override IReadOnlyList<PciDevice> Downstream => _downstream;

    /// <summary>Where the function sits.</summary>
    public PciAddress Address => Hardware.Address;

    /// <summary>The driver, or null for a function that nobody took.</summary>
    public PciDriver? Driver { get; internal set; }

    /// <summary>What the driver remembers of the function (<c>pci_set_drvdata()</c>); gone with the driver.</summary>
    public DriverData? DriverData { get; set; }

    /// <summary>The name of the only driver that may have the function, or null for any (sysfs <c>driver_override</c>).</summary>
    public string? DriverOverride { get; internal set; }

    /// <summary>The group of functions that the IOMMU cannot tell apart (<c>iommu_group</c> in sysfs).</summary>
    public int IommuGroup { get; internal set; }

    /// <summary>The physical function of a virtual one, or null (<c>pci_physfn()</c>).</summary>
    public PciDevice? PhysicalFunction { get; }

    /// <summary>A physical function's virtual functions, or null for any other.</summary>
    public PciSriov? Sriov { get; internal set; }

    /// <summary>How the function can be reset, in the order in which the methods are tried.</summary>
    public ResetMethods ResetMethods { get; }

    /// <summary>Configuration space as the host's root sees it.</summary>
    public HostConfiguration HostConfig { get; }

    /// <summary>The line of the interrupt controller that the function's pin leads to, or null for one without a pin.</summary>
    public InterruptLine? InterruptLine { get; }

    /// <summary>The function's attributes in sysfs.</summary>
    public PciSysfs Sysfs => new(Kernel, Name, Bus.AttributesOf(this));

    /// <summary>What the slot below this port is called in sysfs ("1" of "slots/1/power"); null where the kernel serves none.</summary>
    public string? SlotName => Hotplug?.SlotName;

    internal IPciBus Bus { get; }

    /// <summary>Its files in sysfs, as whoever is in one of them keeps it.</summary>
    internal SysfsFiles Files { get; }

    /// <summary>Whether it is complete, and nobody stopped it since (<c>PCI_DEV_ADDED</c>).</summary>
    internal bool IsAdded { get; set; }

    /// <summary>Whether drivers may have it (<c>match_driver</c>): from the moment on that it is complete.</summary>
    internal bool AllowsBinding { get; private set; }

    /// <summary>Whether it was told that the machine goes down (<c>device_shutdown()</c>).</summary>
    internal bool IsShutDown { get; set; }

    /// <summary>Whether it is being forgotten: no driver gets it any more (<c>kill_device()</c>).</summary>
    internal bool IsDead { get; set; }

    /// <summary>Whether the kernel has it: it was not removed.</summary>
    internal bool IsThere => Bus.Find(Address) == this;

    /// <summary>COMMAND, for interrupts.</summary>
    internal PciCommand Command { get; }

    /// <summary>Users' accesses to configuration space.</summary>
    internal PciAccess Access { get; }

    /// <summary>The function's pin, for its driver.</summary>
    internal InterruptPin Pin { get; }

    /// <summary>MSI and MSI-X.</summary>
    internal MessageInterrupts Messages { get; }

    /// <summary>What the firmware's wake signal brings about, or null where it goes nowhere.</summary>
    internal WorkItem? FirmwareWake { get; }

    /// <summary>A root port's service for PMEs, or null.</summary>
    internal IPmeService? Pme { get; }

    /// <summary>The hotplug service of a port with a slot, or null for others.</summary>
    internal IHotplugService? Hotplug { get; }

    /// <summary>Vital product data, or null without.</summary>
    internal PciVpd? Vpd { get; }

    internal bool IsBridge => Hardware.IsBridge;

    internal override TimeSpan D3HotDelay => FirmwareDelays.AfterD3Hot(Platform) ?? base.D3HotDelay;

    internal override TimeSpan D3ColdDelay => FirmwareDelays.AfterPowerOn(Platform, Firmware) ?? base.D3ColdDelay;

    internal override TimeSpan LeastD3HotDelay => Bus.LeastD3HotDelay;

    /// <summary>Adds a function below this bridge.</summary>
    /// <param name="address">Where: "0000:01:00.0".</param>
    /// <param name="image">What it is made from; an Intel 82574L network adapter by default.</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="InvalidOperationException">This is no bridge.</exception>
    /// <exception cref="FormatException"><paramref name="address"/> is no address.</exception>
    /// <exception cref="ArgumentException">
    /// There is a function at that address; its bus is another than that of what is right below this bridge already, or is
    /// somewhere else.
    /// </exception>
    public PciDevice AddEndpoint(string address, DeviceImage? image = null, Action<FunctionSetup>? setup = null) =>
        Bus.AddEndpoint(address, image, upstream: this, setup);

    /// <summary>
    /// Somebody puts a card into the slot below this port while the machine runs, function by function. The kernel finds it where the
    /// port's slot is served for hotplug (<see cref="DeviceImage.WithHotplugSlot"/>), or when it is told to look (<c>rescan</c>).
    /// <see cref="PciFunction.PullCard"/> takes it out again.
    /// </summary>
    /// <param name="address">Where: "0000:01:00.0".</param>
    /// <param name="image">What it is made from; an Intel 82574L network adapter by default.</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="InvalidOperationException">
    /// This is no bridge; or the kernel has not let go of the card that was there.
    /// </exception>
    /// <exception cref="FormatException"><paramref name="address"/> is no address.</exception>
    /// <exception cref="ArgumentException">As for <see cref="AddEndpoint"/>.</exception>
    public void InsertCard(string address, DeviceImage? image = null, Action<FunctionSetup>? setup = null) =>
        Bus.InsertCard(this, address, image ?? DeviceImages.E1000E, setup);

    /// <summary>Adds a switch below this port: its upstream port, with its driver bound (<c>pcieport</c>).</summary>
    /// <param name="address">Where: "0000:01:00.0".</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="InvalidOperationException">This is no bridge.</exception>
    /// <exception cref="FormatException"><paramref name="address"/> is no address.</exception>
    /// <exception cref="ArgumentException">
    /// There is a function at that address; its bus is another than that of what is right below this bridge already, or is
    /// somewhere else.
    /// </exception>
    public PciDevice AddUpstreamPort(string address, Action<FunctionSetup>? setup = null) =>
        Bus.AddPort(address, ExpressPortType.UpstreamPort, upstream: this, setup);

    /// <summary>Adds a downstream port to the switch whose upstream port this is, with its driver bound.</summary>
    /// <param name="address">Where: "0000:02:00.0".</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="InvalidOperationException">This is no bridge.</exception>
    /// <exception cref="FormatException"><paramref name="address"/> is no address.</exception>
    /// <exception cref="ArgumentException">
    /// There is a function at that address; its bus is another than that of what is right below this bridge already, or is
    /// somewhere else.
    /// </exception>
    public PciDevice AddDownstreamPort(string address, Action<FunctionSetup>? setup = null) =>
        Bus.AddPort(address, ExpressPortType.DownstreamPort, upstream: this, setup);

    /// <inheritdoc/>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public override IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new PciDevice(this, fork);
    }

    /// <summary>How many functions are below (<c>vfio_pci_count_devs()</c> over the bus).</summary>
    internal int CountBelow()
    {
        int count = _downstream.Count;
        foreach (PciDevice below in _downstream)
        {
            count += below.CountBelow();
        }

        return count;
    }

    /// <summary>The function is no longer there: the bridge above forgets it, and its hardware tells nobody any more.</summary>
    internal void LeaveTree()
    {
        Hardware.Listener = null;
        Hardware.InterruptReceiver = null;
        Upstream?._downstream.Remove(this);
    }

    internal override void AddTo(ref StateHash hash)
    {
        base.AddTo(ref hash);
        hash.Add(IommuGroup);
        hash.Add(_downstream.Count);
        foreach (PciDevice below in _downstream)
        {
            hash.Add(below.RuntimePm.Index);
        }

        hash.Add(Driver?.Name);
        hash.Add(DriverOverride);
        hash.Add(IsAdded, AllowsBinding, IsShutDown, IsDead, IsRomShown, ForwardsAri);
        Silicon.AddBarSizesTo(ref hash);
        DriverData?.AddTo(ref hash);
        Files.AddTo(ref hash);
        Access.AddTo(ref hash);
        Pin.AddTo(ref hash);
        Messages.AddTo(ref hash);
        ResetMethods.AddTo(ref hash);
        Sriov?.AddTo(ref hash);
        Vpd?.AddTo(ref hash);
        FirmwareWake?.AddTo(ref hash);
        Pme?.AddTo(ref hash);
        Hotplug?.AddTo(ref hash);
    }

    private static PciIdentity IdentityOf(PciDevice physical, PciFunction hardware) => PciIdentity.In(hardware.Configuration) with
    {
        Vendor = physical.VendorId,
        Device = hardware.PhysicalFunction!.Sriov!.VfDeviceId,
    };

    private string? FindObstacleToD3()
    {
        // pcie_find_root_port()
        PciDevice? root = this;
        while (root is not null and not { Express.Type: ExpressPortType.RootPort })
        {
            root = root.Upstream;
        }

        return new PortD3(Express, Config, Platform, root?.Platform, Firmware, Bus.CommandLine).Obstacle;
    }
}
