namespace VfioPm;

/// <summary>
/// The service of a port that watches its link's speed and width (<c>drivers/pci/pcie/bwctrl.c</c>): what is left of it for power is
/// that a change is remembered when the registers have forgotten it.
/// </summary>
internal static class LinkWatch
{
    private const uint Changes = ExpressRegisters.LinkStatusBandwidthChanged | ExpressRegisters.LinkStatusChangedByItself;

    /// <summary><c>pcie_bwnotif_enable()</c>.</summary>
    public static void Begin(PciDevice port)
    {
        if (!PortServices.WatchesLink(port))
        {
            return;
        }

        int express = port.Express!.Offset;
        uint status = port.ReadConfig(express + ExpressRegisters.LinkStatus, 2);
        port.Bridge!.SawLinkChange |= (status & ExpressRegisters.LinkStatusBandwidthChanged) != 0;
        Enable(port, ExpressRegisters.LinkControlBandwidthInterrupts);
        port.WriteConfig(express + ExpressRegisters.LinkStatus, 2, Changes);
    }

    /// <summary><c>pcie_bwnotif_disable()</c>.</summary>
    public static void End(PciDevice port)
    {
        if (PortServices.WatchesLink(port))
        {
            Enable(port, 0);
        }
    }

    private static void Enable(PciDevice port, uint interrupts)
    {
        int control = port.Express!.Offset + ExpressRegisters.LinkControl;
        uint others = port.ReadConfig(control, 2) & ~(uint)ExpressRegisters.LinkControlBandwidthInterrupts;
        port.WriteConfig(control, 2, others | interrupts);
    }
}
