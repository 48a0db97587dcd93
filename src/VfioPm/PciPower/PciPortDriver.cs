namespace VfioPm;

/// <summary>
/// The driver of PCI Express ports (<c>pcieport</c>, <c>drivers/pci/pcie/portdrv</c>): a port that may sleep
/// does so 100 ms after the last function below it.
/// </summary>
internal sealed class PciPortDriver : PciDriver
{
    public static readonly PciPortDriver Instance = new();

    // Long enough for somebody who reads all of configuration space not to wake the port again and again.
    private const int AutosuspendDelay = 100;

    public override string Name => "pcieport";

    internal override Routine RuntimeSuspend => PortRuntimeSuspendRoutine.Instance;

    protected internal override KernelResult Probe(PciDevice device)
    {
        KernelResult enabled = device.Enable();
        if (enabled.IsError)
        {
            return enabled;
        }

        // Its services (hotplug, PME) take MSI, and that turns INTx off.
        if (device.Hardware.Capabilities.Find(CapabilityId.Msi) is not null
            || device.Hardware.Capabilities.Find(CapabilityId.MsiX) is not null)
        {
            device.UpdateCommand(clear: 0, set: PciRegisters.CommandInterruptDisable);
        }

        device.SavedState.Save();
        if (device.IsBridgeD3Possible)
        {
            RuntimePmDevice runtime = device.RuntimePm;
            runtime.SetAutosuspendDelay(AutosuspendDelay);
            runtime.SetUseAutosuspend(true);
            runtime.MarkLastBusy();
            runtime.PutAutosuspend();
            runtime.Allow();
        }

        return KernelResult.Success;
    }

    protected internal override void Remove(PciDevice device)
    {
        if (device.IsBridgeD3Possible)
        {
            RuntimePmDevice runtime = device.RuntimePm;
            runtime.Forbid();
            runtime.GetNoResume();
            runtime.SetUseAutosuspend(false);
        }

        device.Disable();
    }

    /// <summary><c>pcie_port_runtime_idle()</c>: the PCI core keeps <see cref="PciDevice.BridgeD3"/> up to date.</summary>
    protected internal override KernelResult RuntimeIdle(PciDevice device) => MaySleep(device);

    private static KernelResult MaySleep(PciDevice device) => device.BridgeD3 ? KernelResult.Success : Errno.EBUSY;

    /// <summary><c>pcie_port_runtime_suspend()</c>.</summary>
    private sealed class PortRuntimeSuspendRoutine : Routine
    {
        public static readonly PortRuntimeSuspendRoutine Instance = new();

        public override Flow Step(Actor actor, ref Activation self) =>
            Flow.Return(MaySleep(PciDevice.Of(self.Device)).Value);
    }
}
