using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>
/// A PCI function as the kernel sees it (<c>struct pci_dev</c>): where it is, what is above and below it, and the driver
/// that has it. What the registers hold is <see cref="Hardware"/>'s matter.
/// </summary>
/// <remarks>
/// What else the kernel knows of it is in small classes of one idea each, which know nothing of the function that holds
/// them; and what the kernel does with it are functions that take it, as in <c>drivers/pci</c>.
/// </remarks>
public sealed partial class PciDevice : INumbered
{
    private readonly List<PciDevice> _downstream = [];

    internal PciDevice(
        IPciBus bus,
        RuntimePmCore core,
        PciFunction hardware,
        PciDevice? upstream,
        Firmware firmware,
        PlatformPower? platform,
        PciDevice? physicalFunction = null)
    {
        Bus = bus;
        Core = core;
        Hardware = hardware;
        Upstream = upstream;
        Firmware = firmware;
        PhysicalFunction = physicalFunction;
        upstream?._downstream.Add(this);
        RuntimePm = core.AddDevice(hardware.Address.ToString(), upstream?.RuntimePm, bus.CallbacksOf(this));
        Access = new PciAccess(hardware, core.Kernel, RuntimePm);
        Express = PciExpress.Find(hardware, upstream?.Express);
        Power = new PciPower(hardware, platform, this);
        Wakeup = new PciWakeup(hardware, Power, IsTakenToWakeUp);
        Bridge = hardware.IsBridge ? new PciBridge(Express, Power.Platform, firmware) : null;
        Enabling = new PciEnabling(hardware);
        Line = new InterruptLine(hardware, Enabling, this);
        Messages = new MessageInterrupts(hardware, Power, Enabling, bus.MessageHandles, this);
        Vpd = new PciVpd(hardware, core.Kernel, RuntimePm);
        SavedState = new SavedState(this);
        ResetMethods = new ResetMethods();
        HostConfig = new HostConfiguration(this);
        Sysfs = new PciSysfs(core.Kernel, Name, bus.AttributesOf(this));
        hardware.InterruptReceiver = this;
        hardware.PowerStateListener = this;
    }

    private PciDevice(PciDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        Bus = fork.Of(original.Bus);
        Core = fork.Of(original.Core);
        Hardware = fork.Of(original.Hardware);
        Upstream = fork.OfNullable(original.Upstream);
        Firmware = original.Firmware;
        PhysicalFunction = fork.OfNullable(original.PhysicalFunction);
        IommuGroup = original.IommuGroup;
        RuntimePm = fork.Of(original.RuntimePm);
        Driver = fork.OfNullable(original.Driver);
        IsDisconnected = original.IsDisconnected;
        Access = fork.Of(original.Access);
        Express = original.Express is { } express ? new PciExpress(express, Hardware) : null;
        Power = new PciPower(original.Power, Hardware, this, fork);
        Wakeup = new PciWakeup(original.Wakeup, Hardware, Power);
        Bridge = original.Bridge is { } bridge ? new PciBridge(bridge) : null;
        Enabling = new PciEnabling(original.Enabling, Hardware);
        Line = new InterruptLine(original.Line, Hardware, Enabling, this);
        Messages = new MessageInterrupts(original.Messages, Hardware, Power, Enabling, Bus.MessageHandles, this);
        Vpd = fork.Of(original.Vpd);
        SavedState = new SavedState(original.SavedState, this);
        ResetMethods = new ResetMethods(original.ResetMethods);
        Sriov = original.Sriov is { } sriov ? new PciSriov(sriov, this, fork) : null;
        HostConfig = new HostConfiguration(this);
        Sysfs = new PciSysfs(original.Sysfs, fork);
        _downstream.AddRange(original._downstream.Select(fork.Of));
        Hardware.InterruptReceiver = this;
        Hardware.PowerStateListener = this;
    }

    /// <summary>The silicon.</summary>
    public PciFunction Hardware { get; }

    /// <summary>What the machine's firmware says of the machine.</summary>
    public Firmware Firmware { get; }

    /// <summary>The bridge above, or null on a root bus.</summary>
    public PciDevice? Upstream { get; }

    /// <summary>What is directly below a bridge.</summary>
    public IReadOnlyList<PciDevice> Downstream => _downstream;

    /// <summary>The usage count and all that goes with it.</summary>
    public RuntimePmDevice RuntimePm { get; }

    /// <summary>Where the function sits.</summary>
    public PciAddress Address => Hardware.Address;

    /// <summary>The name in sysfs: "0000:01:00.0".</summary>
    public string Name => RuntimePm.Name;

    /// <summary>The driver, or null for a function that nobody took.</summary>
    public PciDriver? Driver { get; internal set; }

    /// <summary>Whether the function could not be reached after its link was to come up.</summary>
    public bool IsDisconnected { get; internal set; }

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

    /// <summary>The function's attributes in sysfs.</summary>
    public PciSysfs Sysfs { get; }

    int INumbered.Index => RuntimePm.Index;

    internal IPciBus Bus { get; }

    internal RuntimePmCore Core { get; }

    internal ILogger Logger => Core.Logger;

    /// <summary>What the kernel believes of the function's power.</summary>
    internal PciPower Power { get; }

    /// <summary>Whether it may wake the system.</summary>
    internal PciWakeup Wakeup { get; }

    /// <summary>Whether a bridge may sleep, or null for what is none.</summary>
    internal PciBridge? Bridge { get; }

    /// <summary>The PCI Express capability, or null for a function without.</summary>
    internal PciExpress? Express { get; }

    /// <summary>Whether the function is enabled.</summary>
    internal PciEnabling Enabling { get; }

    /// <summary>Users' accesses to configuration space.</summary>
    internal PciAccess Access { get; }

    /// <summary>The copy of configuration space that the kernel keeps.</summary>
    internal SavedState SavedState { get; }

    /// <summary>The interrupt that the pin leads to.</summary>
    internal InterruptLine Line { get; }

    /// <summary>MSI and MSI-X.</summary>
    internal MessageInterrupts Messages { get; }

    /// <summary>Vital product data.</summary>
    internal PciVpd Vpd { get; }

    internal bool IsBridge => Hardware.IsBridge;

    /// <summary>Virtual functions are not there yet when ports look (<see cref="PciWakeup.CanWakeUp"/>).</summary>
    private bool IsTakenToWakeUp =>
        Express is { IsPort: true } || (Upstream is { Express.IsPort: true } && !IsVirtualFunction);

    /// <summary>Adds a function below this bridge.</summary>
    /// <param name="address">Where: "0000:01:00.0".</param>
    /// <param name="image">What it is made from; an Intel 82574L network adapter by default.</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="InvalidOperationException">This is no bridge.</exception>
    /// <exception cref="ArgumentException">
    /// There is a function at that address; its bus is another than that of what is right below this bridge already, or is
    /// somewhere else.
    /// </exception>
    public PciDevice AddEndpoint(string address, DeviceImage? image = null, Action<FunctionSetup>? setup = null) =>
        Bus.AddEndpoint(address, image, upstream: this, setup);

    /// <summary>Adds a switch below this port: its upstream port, with its driver bound (<c>pcieport</c>).</summary>
    /// <param name="address">Where: "0000:01:00.0".</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="InvalidOperationException">This is no bridge.</exception>
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
    /// <exception cref="ArgumentException">
    /// There is a function at that address; its bus is another than that of what is right below this bridge already, or is
    /// somewhere else.
    /// </exception>
    public PciDevice AddDownstreamPort(string address, Action<FunctionSetup>? setup = null) =>
        Bus.AddPort(address, ExpressPortType.DownstreamPort, upstream: this, setup);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {PowerState}, {RuntimePm.Status}, usage {RuntimePm.UsageCount}";

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new PciDevice(this, fork);
    }

    /// <summary>Sleeps on the timer wheel (<c>msleep()</c>).</summary>
    internal KernelWait Sleep(TimeSpan duration) => Core.Kernel.Sleep(duration);

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

    /// <summary>Everything below, each bridge before what is behind it (<c>pci_walk_bus()</c>).</summary>
    internal void ForEachBelow(Action<PciDevice> action)
    {
        foreach (PciDevice below in _downstream)
        {
            action(below);
            below.ForEachBelow(action);
        }
    }

    /// <summary>The function is no longer there: the bridge above forgets it, and its hardware tells nobody any more.</summary>
    internal void LeaveTree()
    {
        Hardware.PowerStateListener = null;
        Hardware.InterruptReceiver = null;
        Upstream?._downstream.Remove(this);
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(RuntimePm.Index);
        hash.Add(IommuGroup);
        hash.Add(_downstream.Count);
        foreach (PciDevice below in _downstream)
        {
            hash.Add(below.RuntimePm.Index);
        }

        hash.Add(IsDisconnected);
        hash.Add(Driver?.GetType().Name);
        Power.AddTo(ref hash);
        Wakeup.AddTo(ref hash);
        Bridge?.AddTo(ref hash);
        Enabling.AddTo(ref hash);
        Access.AddTo(ref hash);
        Line.AddTo(ref hash);
        Messages.AddTo(ref hash);
        SavedState.AddTo(ref hash);
        ResetMethods.AddTo(ref hash);
        Sriov?.AddTo(ref hash);
        Vpd.AddTo(ref hash);
    }
}
