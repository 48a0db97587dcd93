using System.ComponentModel;
using Microsoft.Extensions.Logging;
using static System.FormattableString;

namespace VfioPm;

/// <summary>
/// A PCI function as the power management of a kernel's PCI core knows it (that part of <c>struct pci_dev</c>). The host's
/// kernel has a <see cref="PciDevice"/>, and a guest's kernel one of its own for the same function: both run the same code
/// (<c>drivers/pci/pci.c</c>), and differ in how they reach configuration space and in whose firmware switches the power.
/// </summary>
public abstract class PciPmDevice : INumbered, ICurrentStateListener
{
    /// <summary>A function that was just found.</summary>
    /// <param name="config">Its configuration space.</param>
    /// <param name="upstream">The bridge above that the kernel sees, if there is one.</param>
    /// <param name="platform">What can switch its power, if anything.</param>
    /// <param name="rules">The kernel's decisions.</param>
    /// <param name="virtualIdentity">
    /// What the kernel holds a virtual function to be, which is not there yet when ports look who may wake; null for any other.
    /// </param>
    internal PciPmDevice(
        IPciConfiguration config,
        PciPmDevice? upstream,
        IPlatformPower? platform,
        PciPowerRules rules,
        PciIdentity? virtualIdentity = null)
    {
        Config = config;
        Rules = rules;
        Express = PciExpress.Find(config.Found, config.Capabilities);
        Quirks = PciQuirks.Of(virtualIdentity ?? PciIdentity.In(config.Found), Express, rules.Quirks);
        Power = new PciPower(platform, Quirks, this);
        Wakeup = new PciWakeup(
            Power, platform is { CanWake: true }, IsRootPort(Express) || (IsBelowRootPort(upstream) && virtualIdentity is null));
        SavedState = new SavedState(
            new SavedLayout(config, Express, rules, upstream?.Config.Capabilities), upstream?.Layout);
    }

    internal PciPmDevice(PciPmDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        Config = fork.Of(original.Config);
        Rules = original.Rules;
        RuntimePm = fork.Of(original.RuntimePm);
        EnableCount = original.EnableCount;
        IsBusMaster = original.IsBusMaster;
        StaysForBelow = original.StaysForBelow;
        Quirks = original.Quirks;
        Power = new PciPower(original.Power, Config.Pm, this, fork);
        Wakeup = new PciWakeup(original.Wakeup, Power);
        Bridge = original.Bridge is { } bridge ? new PciBridge(bridge) : null;
        Express = original.Express;
        SavedState = new SavedState(original.SavedState, fork);
    }

    /// <summary>The bridge above that the kernel sees, or null on a root bus.</summary>
    public abstract PciPmDevice? Upstream { get; }

    /// <summary>What is directly below a bridge.</summary>
    public abstract IReadOnlyList<PciPmDevice> Downstream { get; }

    /// <summary>The usage count and all that goes with it.</summary>
    public RuntimePmDevice RuntimePm { get; private protected init; } = null!;

    /// <summary>The name in sysfs: "0000:01:00.0".</summary>
    public string Name => RuntimePm.Name;

    /// <inheritdoc cref="RuntimePmDevice.Alias"/>
    public string? Alias
    {
        get => RuntimePm.Alias;
        set => RuntimePm.Alias = value;
    }

    /// <summary>The power state that the kernel believes in (<c>current_state</c>, sysfs <c>power_state</c>).</summary>
    public PowerState PowerState => Power.State;

    /// <summary>Whether the administrator lets the function lose its power (sysfs <c>d3cold_allowed</c>).</summary>
    public bool D3ColdAllowed => Power.D3ColdAllowed;

    /// <summary>Whether a driver or a quirk keeps the function from losing its power (<c>pci_d3cold_disable()</c>).</summary>
    public bool NoD3Cold => Power.NoD3Cold;

    /// <summary>Whether the port may go to D3 for all that the kernel knows of what is below (<c>bridge_d3</c>).</summary>
    public bool BridgeD3 => Bridge is { AllowsD3: true };

    /// <summary>
    /// Whether the function can wake anybody at all (<c>device_can_wakeup()</c>). The PME service of a root port takes
    /// that for granted of all that are below it when it begins (<c>pcie_pme_mark_devices()</c>), and virtual functions
    /// are not there yet.
    /// </summary>
    public bool CanWakeUp => Wakeup.CanWakeUp;

    /// <summary>Whether user space wants it to (sysfs <c>power/wakeup</c>, <c>device_may_wakeup()</c>).</summary>
    public bool MayWakeUp => Wakeup.MayWakeUp;

    /// <summary>How many drivers have enabled the function (<c>enable_cnt</c>, sysfs <c>enable</c>).</summary>
    public int EnableCount { get; internal set; }

    /// <summary>Whether the kernel lets the function master the bus (<c>is_busmaster</c>).</summary>
    public bool IsBusMaster { get; internal set; }

    /// <summary>How many users hold the function active.</summary>
    public int UsageCount => RuntimePm.UsageCount;

    /// <summary>Whether the function is active, suspended, or on its way.</summary>
    public RuntimeStatus RuntimeStatus => RuntimePm.Status;

    /// <summary>Whether the function could not be reached after its link was to come up.</summary>
    public bool IsDisconnected
    {
        get => Config.IsDisconnected;
        internal set => Config.IsDisconnected = value;
    }

    /// <summary>
    /// Whether system sleep leaves the function in its state: it, or somebody below a bridge, stays in D0 (<c>skip_bus_pm</c>).
    /// </summary>
    internal bool StaysForBelow { get; set; }

    int INumbered.Index => RuntimePm.Index;

    /// <summary>Configuration space.</summary>
    internal IPciConfiguration Config { get; }

    /// <summary>Which kernel's decisions are taken.</summary>
    internal PciPowerRules Rules { get; }

    internal RuntimePmCore Core => RuntimePm.Core;

    internal Kernel Kernel => RuntimePm.Core.Kernel;

    internal ILogger Logger => RuntimePm.Core.Logger;

    /// <summary>What is special about it for the kernel.</summary>
    internal FunctionQuirks Quirks { get; }

    /// <summary>How long the kernel gives it after D3hot (<c>d3hot_delay</c>), quirks apart.</summary>
    internal virtual TimeSpan D3HotDelay => Config.D3HotDelay;

    /// <summary>
    /// How long the kernel gives it after it got power (<c>d3cold_delay</c>), quirks apart: without a PM capability nothing
    /// (<c>pci_pm_init()</c>).
    /// </summary>
    internal virtual TimeSpan D3ColdDelay => Power.Pm is null ? TimeSpan.Zero : Config.D3ColdDelay;

    /// <summary>The least time that the kernel gives anybody in this machine after D3hot (<c>pci_pm_d3hot_delay</c>).</summary>
    internal virtual TimeSpan LeastD3HotDelay => TimeSpan.Zero;

    /// <summary>What the kernel believes of the function's power.</summary>
    internal PciPower Power { get; }

    /// <summary>Whether it may wake the system.</summary>
    internal PciWakeup Wakeup { get; }

    /// <summary>Whether a bridge may sleep, or null for what is none.</summary>
    internal PciBridge? Bridge { get; private protected init; }

    /// <summary>The PCI Express capability, or null for a function without.</summary>
    internal PciExpress? Express { get; }

    /// <summary>The copy of configuration space that the kernel keeps.</summary>
    internal SavedState SavedState { get; }

    /// <summary>
    /// Whether it said, when it was found, that it can be used right after a reset (<c>imm_ready</c>); older kernels look
    /// only where there is a PM capability.
    /// </summary>
    internal bool IsImmediatelyReady => !Quirks.IsNotReadyAtOnce && (Power.Pm is not null || Rules.FindsReadinessWithoutPm)
        && Config.Found.Has(PciRegisters.Status, 2, PciRegisters.StatusImmediateReadiness);

    /// <summary>What decides which of its registers are saved.</summary>
    internal SavedLayout Layout => new(Config, Express, Rules, Upstream?.Config.Capabilities);

    /// <summary>Whether a driver took the function.</summary>
    internal abstract bool HasDriver { get; }

    /// <summary>Whether its Vendor ID reads as all ones for ever, as a virtual function's does.</summary>
    internal virtual bool HasNoVendorId => false;

    /// <summary>The driver's name, for the log.</summary>
    internal abstract string DriverName { get; }

    /// <summary>Whether the driver has any power-management callbacks.</summary>
    internal abstract bool HasPmOps { get; }

    /// <summary>Whether the driver has a <c>runtime_suspend</c>.</summary>
    internal abstract bool HasRuntimeSuspend { get; }

    /// <summary>What the driver lets system sleep do.</summary>
    internal virtual DriverSleepFlags DriverSleepFlags => DriverSleepFlags.None;

    /// <inheritdoc/>
    public override string ToString() => Invariant($"{Name}: {PowerState.KernelName}, {RuntimePm.Status}, usage {RuntimePm.UsageCount}");

    /// <inheritdoc/>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public abstract IForkable Fork(ForkContext fork);

    void ICurrentStateListener.OnCurrentStateChanged(PowerState before) => OnCurrentStateChanged(before);

    /// <summary>Runs a runtime-PM callback of the driver; one that it does not have succeeds.</summary>
    internal abstract KernelCall<int> InvokeDriver(RuntimePmCallback callback);

    /// <summary>Whether the driver has a callback of system sleep.</summary>
    internal virtual bool HasSleepCallback(SleepPhase phase) => false;

    /// <summary>Runs a callback of system sleep of the driver; one that it does not have succeeds.</summary>
    internal virtual KernelCall<int> InvokeDriver(SleepPhase phase) => 0;

    /// <summary>Whether the kernel looks every second if the function asserts PME# (<c>pci_pme_list</c>).</summary>
    internal abstract KernelCall PollForPme(bool polled);

    /// <summary>Asks the firmware for its wake signal, or no longer does (<c>platform_pci_set_wakeup()</c>).</summary>
    internal virtual void SetFirmwareWakeup(bool enable)
    {
    }

    /// <summary>The kernel has set the function up, so that a driver may have it (<c>pci_bus_add_device()</c>).</summary>
    internal virtual void Complete()
    {
        if (Rules.EnablesRuntimePmLast)
        {
            PmRuntime.Enable(RuntimePm);
        }
    }

    /// <summary>Restores what only the kernel of a host has.</summary>
    internal virtual KernelCall RestoreOfHost() => KernelCall.Returned;

    /// <summary>The function's pin has a line of the host's from now on (<c>pcibios_enable_device()</c>).</summary>
    internal virtual void EnablePin()
    {
    }

    /// <summary><c>pcibios_disable_device()</c>.</summary>
    internal virtual void DisablePin()
    {
    }

    internal virtual void OnCurrentStateChanged(PowerState before)
    {
    }

    /// <summary>Sleeps on the timer wheel (<c>msleep()</c>).</summary>
    internal KernelWait Msleep(TimeSpan duration) => Kernel.Msleep(duration);

    /// <summary>Everything below, each bridge before what is behind it (<c>pci_walk_bus()</c>).</summary>
    /// <typeparam name="T">What the kernel's functions are: those of one kernel are of one kind.</typeparam>
    internal void ForEachBelow<T>(Action<T> action)
        where T : PciPmDevice
    {
        for (int i = 0; i < Downstream.Count; i++)
        {
            action((T)Downstream[i]);
            Downstream[i].ForEachBelow(action);
        }
    }

    private static bool IsRootPort(PciExpress? express) => express is { Type: ExpressPortType.RootPort };

    /// <summary>Whether what is below a bridge is below a root port, however far.</summary>
    private static bool IsBelowRootPort(PciPmDevice? bridge) =>
        bridge is not null && (IsRootPort(bridge.Express) || IsBelowRootPort(bridge.Upstream));

    internal virtual void AddTo(ref StateHash hash)
    {
        hash.Add(RuntimePm.Index);
        hash.Add(EnableCount);
        hash.Add(IsBusMaster);
        hash.Add(StaysForBelow);
        hash.Add(IsDisconnected);
        Power.AddTo(ref hash);
        Wakeup.AddTo(ref hash);
        Bridge?.AddTo(ref hash);
        SavedState.AddTo(ref hash);
    }
}
