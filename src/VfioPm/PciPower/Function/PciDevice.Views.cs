namespace VfioPm;

// What its users ask a function, wherever the answer is, and what its hardware tells it.
public sealed partial class PciDevice
    : IConfigurationAccess, IPowerStateListener, ICurrentStateListener, IInterruptReceiver, IInterruptHandler
{
    /// <summary>The power state that the kernel believes in (<c>current_state</c>, sysfs <c>power_state</c>).</summary>
    public PowerState PowerState => Power.State;

    /// <summary>What the firmware can do for the function, or null where it can do nothing.</summary>
    public PlatformPower? Platform => Power.Platform;

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

    /// <summary>Whether a driver has enabled the function (sysfs <c>enable</c>).</summary>
    public int EnableCount => Enabling.Count;

    /// <summary>How many users hold the function active.</summary>
    public int UsageCount => RuntimePm.UsageCount;

    /// <summary>Whether the function is active, suspended, or on its way.</summary>
    public RuntimeStatus RuntimeStatus => RuntimePm.Status;

    /// <summary>Whether it is a virtual function (<c>is_virtfn</c>).</summary>
    public bool IsVirtualFunction => PhysicalFunction is not null;

    /// <summary>
    /// The vendor ID that the kernel holds: a virtual function's own register reads FFFF, it has the physical
    /// function's.
    /// </summary>
    public ushort VendorId =>
        (ushort)(Hardware.PhysicalFunction ?? Hardware).Configuration.Read(PciRegisters.VendorId, 2);

    /// <summary>The device ID that the kernel holds: a virtual function's is in the SR-IOV capability.</summary>
    public ushort DeviceId => Hardware.PhysicalFunction?.Sriov?.VfDeviceId
        ?? (ushort)Hardware.Configuration.Read(PciRegisters.DeviceId, 2);

    uint IConfigurationAccess.ReadConfig(int offset, int width) => ReadConfig(offset, width);

    void IConfigurationAccess.WriteConfig(int offset, int width, uint value) => WriteConfig(offset, width, value);

    void IPowerStateListener.OnPowerStateChanged(PowerState before)
    {
        Bus.Events.Tell((this, before), static (listener, in it) => listener.OnHardwareState(it.Item1, it.before));
    }

    void ICurrentStateListener.OnCurrentStateChanged(PowerState before)
    {
        Bus.Events.Tell((this, before), static (listener, in it) => listener.OnPowerState(it.Item1, it.before));
    }

    void IInterruptReceiver.OnPinChanged(bool isAsserted) => Line.Deliver();

    void IInterruptReceiver.OnMessage(InterruptMessage message) => Messages.Deliver(message);

    void IInterruptHandler.OnLineInterrupt() => Driver?.OnLineInterrupt(this);

    void IInterruptHandler.OnMessageInterrupt(int vector) => Driver?.OnMessageInterrupt(this, vector);

    internal uint ReadConfig(int offset, int width) => Hardware.ReadCycle(offset, width);

    internal void WriteConfig(int offset, int width, uint value) => Hardware.WriteCycle(offset, width, value);
}
