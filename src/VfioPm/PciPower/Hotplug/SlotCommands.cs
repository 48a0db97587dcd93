namespace VfioPm;

/// <summary>The registers of a port's slot, as its hotplug service uses them (<c>drivers/pci/hotplug/pciehp_hpc.c</c>).</summary>
/// <remarks>
/// The silicon carries out each command at once, so nobody waits for one (<c>pcie_wait_cmd()</c>); whoever gives one takes the
/// controller's lock, and may lose the processor there.
/// </remarks>
internal sealed class SlotCommands(PciDevice port)
{
    // pcie_enable_interrupt(), pcie_disable_interrupt().
    private const uint Interrupts = ExpressRegisters.SlotControlHotplugInterrupt | ExpressRegisters.SlotControlLinkChanged;

    private const uint AttentionOn = 0x0040;
    private const uint AttentionOff = 0x00c0;
    private const uint PowerOn = 0x0100;
    private const uint PowerBlinks = 0x0200;
    private const uint PowerOff = 0x0300;

    // What tells of cards (PDC, DLLSC).
    public const uint CardEvents = ExpressRegisters.SlotStatusPresenceChanged | ExpressRegisters.SlotStatusLinkChanged;

    private int Express => port.Express!.Offset;

    private uint Capabilities => port.Hardware.Configuration.Ask(Express + ExpressRegisters.SlotCapabilities, 4);

    /// <summary>The slot's number, by which it is in sysfs and in messages (<c>slot_name()</c>).</summary>
    public uint Number => Capabilities >> ExpressRegisters.SlotCapabilitiesNumberShift;

    /// <summary>Whether software can switch the slot's power (<c>POWER_CTRL()</c>).</summary>
    public bool HasPowerController => Has(ExpressRegisters.SlotCapabilitiesPowerController);

    /// <summary>Whether there is an attention button (<c>ATTN_BUTTN()</c>).</summary>
    public bool HasButton => Has(ExpressRegisters.SlotCapabilitiesButton);

    /// <summary>Whether the power is on (<c>pciehp_get_power_status()</c>).</summary>
    public bool IsPowerOn =>
        (port.ReadConfig(Express + ExpressRegisters.SlotControl, 2) & ExpressRegisters.SlotControlPowerOff) == 0;

    /// <summary>Whether a hotplug interrupt is wanted.</summary>
    public bool WantsInterrupt =>
        (port.ReadConfig(Express + ExpressRegisters.SlotControl, 2) & ExpressRegisters.SlotControlHotplugInterrupt) != 0;

    /// <summary>Whether somebody is in the slot (<c>pciehp_card_present()</c>); null if the port does not answer.</summary>
    public bool? IsCardPresent =>
        port.ReadConfig(Express + ExpressRegisters.SlotStatus, 2) is not 0xffff and uint status
            ? (status & ExpressRegisters.SlotStatusPresence) != 0
            : null;

    /// <summary>Whether the link is up (<c>pciehp_check_link_active()</c>); null if the port does not answer.</summary>
    public bool? IsLinkActive =>
        port.ReadConfig(Express + ExpressRegisters.LinkStatus, 2) is not 0xffff and uint status
            ? (status & ExpressRegisters.LinkStatusActive) != 0
            : null;

    /// <summary><c>pcie_enable_notification()</c>: with a button, presence alone is no event.</summary>
    public KernelCall EnableNotification()
    {
        uint wanted = ExpressRegisters.SlotControlHotplugInterrupt | ExpressRegisters.SlotControlLinkChanged
            | (HasButton
                ? ExpressRegisters.SlotControlButton
                : ExpressRegisters.SlotControlPresenceChanged)
            | (port.Bus.Rules.EnablesCompletionAlways || !Has(ExpressRegisters.SlotCapabilitiesNoCommandCompleted)
                ? ExpressRegisters.SlotControlCommandCompleted
                : 0);
        return Write(wanted, 0x103b);
    }

    /// <summary><c>pcie_disable_notification()</c>.</summary>
    public KernelCall DisableNotification() => Write(0, 0x103f);

    /// <summary><c>pcie_enable_interrupt()</c>.</summary>
    public KernelCall EnableInterrupt() => Write(Interrupts, Interrupts);

    /// <summary><c>pcie_disable_interrupt()</c>.</summary>
    public KernelCall DisableInterrupt() => Write(0, Interrupts);

    /// <summary><c>pciehp_power_on_slot()</c>.</summary>
    public KernelCall SwitchPowerOn() => Write(0, ExpressRegisters.SlotControlPowerOff);

    /// <summary><c>pciehp_power_off_slot()</c>.</summary>
    public KernelCall SwitchPowerOff() =>
        Write(ExpressRegisters.SlotControlPowerOff, ExpressRegisters.SlotControlPowerOff);

    /// <summary>The card is there and in use (<c>pciehp_set_indicators()</c>).</summary>
    public KernelCall ShowOn() => Show(PowerOn, AttentionOff);

    /// <summary>The button was pressed: something is about to happen.</summary>
    public KernelCall ShowPressed() => Show(PowerBlinks, AttentionOff);

    /// <summary>A card is being taken into use.</summary>
    public KernelCall ShowBusy() => Show(PowerBlinks, 0);

    /// <summary>The card may be taken out.</summary>
    public KernelCall ShowOff() => Show(PowerOff, 0);

    /// <summary>The card could not be taken into use.</summary>
    public KernelCall ShowFault() => Show(PowerOff, AttentionOn);

    /// <summary>The events that there were, which are none any more; that a command was carried out is nothing to act on.</summary>
    public uint TakeEvents()
    {
        uint status = port.ReadConfig(Express + ExpressRegisters.SlotStatus, 2);
        if (status == 0xffff)
        {
            return 0;
        }

        uint events = status & (CardEvents | ExpressRegisters.SlotStatusButton | ExpressRegisters.SlotStatusCommandCompleted);
        if (events != 0)
        {
            port.WriteConfig(Express + ExpressRegisters.SlotStatus, 2, events);
        }

        return events & ~ExpressRegisters.SlotStatusCommandCompleted;
    }

    /// <summary><c>pcie_clear_hotplug_events()</c>.</summary>
    public void ClearCardEvents() => port.WriteConfig(Express + ExpressRegisters.SlotStatus, 2, CardEvents);

    private bool Has(uint capability) => (Capabilities & capability) != 0;

    private KernelCall Show(uint power, uint attention)
    {
        uint mask = (Has(ExpressRegisters.SlotCapabilitiesPowerIndicator) ? ExpressRegisters.SlotControlPowerIndicator : 0)
            | (attention != 0 && Has(ExpressRegisters.SlotCapabilitiesAttentionIndicator)
                ? ExpressRegisters.SlotControlAttentionIndicator
                : 0);
        return mask == 0 ? KernelCall.Returned : Write((power | attention) & mask, mask);
    }

    private KernelCall Write(uint command, uint mask) => Write(port, command, mask);

    /// <summary><c>pcie_write_cmd()</c>.</summary>
    private static async KernelCall Write(PciDevice port, uint command, uint mask)
    {
        // mutex_lock(&ctrl->ctrl_lock)
        await port.Core.Kernel.MightSleep();
        int control = port.Express!.Offset + ExpressRegisters.SlotControl;
        uint before = port.ReadConfig(control, 2);
        if (before != 0xffff)
        {
            port.WriteConfig(control, 2, (before & ~mask) | command);
        }
    }
}
