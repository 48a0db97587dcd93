namespace VfioPm;

/// <summary>
/// A port's slot as its hotplug service has it (<c>drivers/pci/hotplug/pciehp</c>): while the port sleeps, what happens in the
/// slot raises no interrupt.
/// </summary>
/// <remarks>
/// The silicon carries out each command at once, so nobody waits for one (<c>pcie_wait_cmd()</c>); whoever gives one takes the
/// controller's lock, and may lose the processor there.
/// </remarks>
internal static class HotplugSlot
{
    // pcie_enable_interrupt(), pcie_disable_interrupt().
    private const uint Interrupts = ExpressRegisters.SlotControlHotplugInterrupt | ExpressRegisters.SlotControlLinkChanged;

    private const uint Events = ExpressRegisters.SlotStatusPresenceChanged | ExpressRegisters.SlotStatusLinkChanged;

    /// <summary>Whether a port has the service: the firmware left it the slot (<c>pciehp_is_native()</c>).</summary>
    public static bool IsServed(PciDevice port) =>
        port.Express is { IsHotplugBridge: true, HasSlotControl: true } && port.Firmware.GrantsHotplug;

    /// <summary><c>pciehp_runtime_suspend()</c>.</summary>
    public static KernelCall RuntimeSuspend(PciDevice port) => WriteCommand(port, 0);

    /// <summary>
    /// <c>pciehp_runtime_resume()</c>: the card that was found again is no event. What came or went meanwhile is not looked for
    /// (<c>pciehp_check_presence()</c>), since no card does.
    /// </summary>
    public static KernelCall RuntimeResume(PciDevice port)
    {
        port.WriteConfig(port.Express!.Offset + ExpressRegisters.SlotStatus, 2, Events);
        return WriteCommand(port, Interrupts);
    }

    /// <summary><c>pcie_write_cmd()</c>.</summary>
    private static async KernelCall WriteCommand(PciDevice port, uint interrupts)
    {
        // mutex_lock(&ctrl->ctrl_lock)
        await port.Core.Kernel.MightSleep();
        int control = port.Express!.Offset + ExpressRegisters.SlotControl;
        port.WriteConfig(control, 2, (port.ReadConfig(control, 2) & ~Interrupts) | interrupts);
    }
}
