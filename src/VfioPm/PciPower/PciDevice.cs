using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>
/// A PCI function as the kernel sees it (<c>struct pci_dev</c>): what it believes about the power state, what it
/// may do about it, and the driver that it gave the function to. What the registers hold is
/// <see cref="Hardware"/>'s matter.
/// </summary>
public sealed partial class PciDevice : INumbered
{
    private readonly List<PciDevice> _downstream = [];

    internal PciDevice(
        PciTopology topology,
        RuntimePmCore core,
        PciFunction hardware,
        PciDevice? upstream,
        Firmware firmware,
        PlatformPower? platform,
        PciDevice? physicalFunction = null)
    {
        Topology = topology;
        Core = core;
        Hardware = hardware;
        Upstream = upstream;
        Firmware = firmware;
        PhysicalFunction = physicalFunction;
        Platform = platform is { IsPowerManageable: true } ? platform : null;
        upstream?._downstream.Add(this);
        RuntimePm = core.AddDevice(hardware.Address.ToString(), upstream?.RuntimePm, new PciRuntimePm(this));
        SavedState = new SavedState(this);
        ResetMethods = new ResetMethods(this);
        Vpd = new PciVpd(this);
        HostConfig = new HostConfiguration(this);
        Sysfs = new PciSysfs(this);
        Line = new InterruptLine(this);
        Messages = new MessageInterrupts(this);
        Lock = new DeviceLock(core.Kernel, this);
        ConfigAccess = new RwSemaphore(core.Kernel, "pci_cfg_access", Name, RuntimePm.Index);
        hardware.InterruptReceiver = this;
        hardware.PowerStateListener = this;
        IsBridgeD3Possible = MayBridgeEverSleep;
    }

    private PciDevice(PciDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        Topology = fork.Of(original.Topology);
        Core = fork.Of(original.Core);
        Hardware = fork.Of(original.Hardware);
        Upstream = fork.OfNullable(original.Upstream);
        Firmware = original.Firmware;
        PhysicalFunction = fork.OfNullable(original.PhysicalFunction);
        Platform = fork.OfNullable(original.Platform);
        RuntimePm = fork.Of(original.RuntimePm);
        Driver = fork.OfNullable(original.Driver);
        SavedState = new SavedState(original.SavedState, this);
        ResetMethods = new ResetMethods(original.ResetMethods, this);
        Vpd = new PciVpd(original.Vpd, this, fork);
        HostConfig = new HostConfiguration(this);
        Sysfs = new PciSysfs(this);
        Line = new InterruptLine(original.Line, this);
        Messages = new MessageInterrupts(original.Messages, this);
        Hardware.InterruptReceiver = this;
        Hardware.PowerStateListener = this;
        Sriov = original.Sriov is { } sriov ? new PciSriov(sriov, this, fork) : null;
        IommuGroup = original.IommuGroup;
        Lock = fork.Of(original.Lock);
        ConfigAccess = fork.Of(original.ConfigAccess);
        _downstream.AddRange(original._downstream.Select(fork.Of));
        Pm = original.Pm is null ? null : Hardware.Pm;
        PowerState = original.PowerState;
        _enableCount = original._enableCount;
        D3ColdAllowed = original.D3ColdAllowed;
        NoD3Cold = original.NoD3Cold;
        BridgeD3 = original.BridgeD3;
        IsBridgeD3Possible = original.IsBridgeD3Possible;
        MayWakeUp = original.MayWakeUp;
        WakeupPrepared = original.WakeupPrepared;
        IsDisconnected = original.IsDisconnected;
    }

    /// <summary>The silicon.</summary>
    public PciFunction Hardware { get; }

    /// <summary>What the firmware can do for the function, or null where it can do nothing.</summary>
    public PlatformPower? Platform { get; }

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

    /// <summary>The power state that the kernel believes in (<c>current_state</c>, sysfs <c>power_state</c>).</summary>
    public PowerState PowerState { get; private set; } = PowerState.Unknown;

    /// <summary>The driver, or null for a function that nobody took.</summary>
    public PciDriver? Driver { get; private set; }

    /// <summary>How many users hold the function active.</summary>
    public int UsageCount => RuntimePm.UsageCount;

    /// <summary>Whether the function is active, suspended, or on its way.</summary>
    public RuntimeStatus RuntimeStatus => RuntimePm.Status;

    /// <summary>Whether the administrator lets the function lose its power (sysfs <c>d3cold_allowed</c>).</summary>
    public bool D3ColdAllowed { get; private set; }

    /// <summary>Whether a driver or a quirk keeps the function from losing its power (<c>pci_d3cold_disable()</c>).</summary>
    public bool NoD3Cold { get; private set; }

    /// <summary>Whether the port may go to D3 for all that the kernel knows of what is below (<c>bridge_d3</c>).</summary>
    public bool BridgeD3 { get; private set; }

    /// <summary>Whether the function could not be reached after its link was to come up.</summary>
    public bool IsDisconnected { get; internal set; }

    /// <summary>The group of functions that the IOMMU cannot tell apart (<c>iommu_group</c> in sysfs).</summary>
    public int IommuGroup { get; internal set; }

    /// <summary>How the function can be reset, in the order in which the methods are tried.</summary>
    public ResetMethods ResetMethods { get; }

    int INumbered.Index => RuntimePm.Index;

    internal PciTopology Topology { get; }

    internal RuntimePmCore Core { get; }

    internal SavedState SavedState { get; }

    internal PciVpd Vpd { get; }

    internal ILogger Logger => Core.Logger;

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {PowerState}, {RuntimePm.Status}, usage {RuntimePm.UsageCount}";

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new PciDevice(this, fork);
    }

    /// <summary>The kernel's device behind a runtime-PM device of the PCI bus.</summary>
    internal static PciDevice Of(RuntimePmDevice device) => ((PciRuntimePm)device.Callbacks).Device;

    /// <summary>The same, or null for a device that is not of the PCI bus.</summary>
    internal static PciDevice? TryGet(RuntimePmDevice device) => (device.Callbacks as PciRuntimePm)?.Device;

    /// <summary>
    /// What the kernel finds out of a new function and decides for it (<c>pci_device_add()</c>, <c>pci_init_capabilities()</c>).
    /// </summary>
    internal async KernelCall Add()
    {
        await PciPm.Initialize(this);
        Sriov = FindSriov();
        ResetMethods.Initialize();
        UpdateBridgeD3Above();
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

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(RuntimePm.Index);
        hash.Add(IommuGroup);
        hash.Add(_downstream.Count);
        foreach (PciDevice below in _downstream)
        {
            hash.Add(below.RuntimePm.Index);
        }

        hash.Add(Pm is not null);
        hash.Add((int)PowerState);
        hash.Add(D3ColdAllowed);
        hash.Add(NoD3Cold);
        hash.Add(BridgeD3);
        hash.Add(IsBridgeD3Possible);
        hash.Add(MayWakeUp);
        hash.Add(WakeupPrepared);
        hash.Add(IsDisconnected);
        hash.Add(_enableCount);
        hash.Add(Driver?.GetType().Name);
        Lock.AddTo(ref hash);
        ConfigAccess.AddTo(ref hash);
        Line.AddTo(ref hash);
        Messages.AddTo(ref hash);
        SavedState.AddTo(ref hash);
        ResetMethods.AddTo(ref hash);
        Sriov?.AddTo(ref hash);
        Vpd.AddTo(ref hash);
    }
}
