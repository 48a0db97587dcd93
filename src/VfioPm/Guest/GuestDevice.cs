using static System.FormattableString;

namespace VfioPm;

/// <summary>
/// A virtual device as the guest's kernel sees it (its <c>struct pci_dev</c>): what the guest believes of its power, and
/// the guest's own usage count of it. What the host believes is <see cref="Function"/>'s matter.
/// </summary>
public sealed class GuestDevice : INumbered
{
    private readonly TimeSpan _autosuspendDelay;

    internal GuestDevice(LinuxGuest guest, VfioDeviceFile file, VirtualDeviceSetup setup)
    {
        Guest = guest;
        Virtual = new VirtualDevice(this, file, setup);
        Driver = new GuestDriver(this, setup.Driver);
        Sysfs = new GuestSysfs(this);
        _autosuspendDelay = setup.AutosuspendDelay;
    }

    private GuestDevice(GuestDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        Guest = fork.Of(original.Guest);
        Virtual = fork.Of(original.Virtual);
        Pci = fork.Of(original.Pci);
        Sysfs = new GuestSysfs(this);
        Driver = new GuestDriver(original.Driver, this, fork);
        _autosuspendDelay = original._autosuspendDelay;
    }

    /// <summary>The guest that has the device.</summary>
    public LinuxGuest Guest { get; }

    /// <summary>The name in traces: that of the guest, and the host's function behind the device.</summary>
    public string Name => RuntimePm.Name;

    /// <summary>The host's function behind the device.</summary>
    public PciDevice Function => Virtual.File.Device.Pci;

    /// <summary>What the VMM made of the open device.</summary>
    public VirtualDevice Virtual { get; }

    /// <summary>The guest's driver.</summary>
    public GuestDriver Driver { get; }

    /// <summary>The guest's own usage count of the device, and all that goes with it; a new one after a reboot.</summary>
    public RuntimePmDevice RuntimePm => Pci.RuntimePm;

    /// <summary>The attributes that the guest's administrator sees.</summary>
    public GuestSysfs Sysfs { get; }

    /// <summary>The power state that the guest's kernel believes in (its <c>current_state</c>).</summary>
    public PowerState PowerState => Pci.PowerState;

    /// <summary>Whether the guest has the device active or suspended, or on its way.</summary>
    public RuntimeStatus RuntimeStatus => RuntimePm.Status;

    /// <summary>How many users in the guest hold the device active.</summary>
    public int UsageCount => RuntimePm.UsageCount;

    int INumbered.Index => Virtual.Index;

    /// <summary>What the guest's PCI core knows of the device since the guest booted last.</summary>
    internal PciPmDevice Pci { get; private set; } = null!;

    /// <inheritdoc/>
    public override string ToString() => Invariant($"{Name}: {PowerState.KernelName}, {RuntimeStatus}, usage {UsageCount}");

    IForkable IForkable.Fork(ForkContext fork) => new GuestDevice(this, fork);

    /// <summary>Somebody in the guest does something to the device.</summary>
    internal KernelEntry Call(string what)
    {
        Guest.CheckRunning();
        return KernelEntry.Call(Guest.RuntimePm.Kernel, what, Function.Name);
    }

    /// <summary>The same for what goes on as time passes.</summary>
    internal KernelEntry BeginCall(string what)
    {
        Guest.CheckRunning();
        return KernelEntry.Begin(Guest.RuntimePm.Kernel, what, Function.Name);
    }

    /// <summary>The guest's kernel enumerates the device, and a driver takes it.</summary>
    internal void Boot()
    {
        using KernelEntry entry = Call("guest boots");
        entry.Run(Enumerate());
    }

    /// <summary>
    /// The guest's kernel goes down: no device sleeps any longer, and where the machine is to be switched off the driver
    /// leaves its device in D3hot (<c>device_shutdown()</c>, <c>pci_device_shutdown()</c>).
    /// </summary>
    internal void ShutDown(bool switchesOff)
    {
        using KernelEntry entry = Call("guest shuts down");
        entry.Run(Stop(switchesOff));
    }

    /// <summary>The virtual machine is reset.</summary>
    internal void ResetByVmm()
    {
        Kernel host = Function.Core.Kernel;
        using KernelEntry entry = KernelEntry.Call(host, "VMM resets the guest", Function.Name);
        entry.Run(Virtual.Reset(host));
    }

    /// <summary>
    /// The VMM says that something woke the device: whoever woke it, the guest wants to know why
    /// (<c>pci_acpi_wake_dev()</c>).
    /// </summary>
    internal void OnWakeNotification() => RuntimePm.RequestResume();

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_autosuspendDelay.Ticks);
        Virtual.AddTo(ref hash);
        Pci.AddTo(ref hash);
        Driver.AddTo(ref hash);
    }

    private async KernelCall Enumerate()
    {
        GuestConfiguration found = await GuestConfiguration.Find(Virtual, Guest.RuntimePm.Kernel);
        Pci = new GuestPciDevice(this, found, Guest.PmePolling);
        await PciPm.Initialize(Pci);
        Pci.Complete();
        await PmRuntime.GetSync(RuntimePm);
        await Driver.Probe(_autosuspendDelay);
    }

    private async KernelCall Stop(bool switchesOff)
    {
        PmRuntime.GetNoResume(RuntimePm);
        await PmRuntime.Barrier(RuntimePm);
        await PmRuntime.Resume(RuntimePm);
        if (switchesOff)
        {
            await PciPm.SetPowerState(Pci, PowerState.D3Hot);
        }
    }
}
