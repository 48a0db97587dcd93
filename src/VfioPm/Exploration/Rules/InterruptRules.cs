namespace VfioPm;

/// <summary>Rules about interrupts.</summary>
internal static class InterruptRules
{
    public static readonly Rule InterruptOwned = new StateRule(
        "interrupt-owned",
        "A line that the book says is masked is masked, one that it says is not is not, and no line stays asserted with nobody to"
            + " take it.",
        "PCI Local Bus 3.0, section 6.2.2 (Interrupt Disable); vfio_intx_handler(), vfio_pci_intx_unmask_handler(); CVE-2024-26810",
        static moment => moment.IsQuiet ? FindUnowned(moment.Host) : null);

    private static string? FindUnowned(SimulatedHost host)
    {
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            // Without power it asserts nothing, whatever its registers will say when it has some again.
            PciFunction hardware = device.Pci.Hardware;
            if (device.Session?.Interrupts.Intx is not { IsEnabled: true, IsMaskable: true } line || !hardware.HasPower || !device.Pci.AnswersKernel)
            {
                continue;
            }

            bool isDisabled = hardware.Configuration.Has(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);
            if (line.IsMasked != isDisabled)
            {
                return line.IsMasked
                    ? $"INTx of {device.Pci.Name} counts as masked, and is not"
                    : $"INTx of {device.Pci.Name} is masked, and counts as if it were not";
            }

            // What is late, or was lost, nobody could take, and for what the kernel disabled it looks itself, every tenth of a second.
            if (hardware.IsInterruptPinAsserted && hardware.IsInterruptLineAsserted && device.Pci.InterruptLine is not { IsPolled: true })
            {
                return $"INTx of {device.Pci.Name} stays asserted, and nobody takes it";
            }
        }

        return null;
    }
}
