namespace VfioPm;

/// <summary>
/// Where the MSI-X vector table lies: the user does not get at it by reads and writes (<c>msix_bar</c>,
/// <c>msix_offset</c>, <c>msix_size</c>; PCI Local Bus 3.0, section 6.8.2).
/// </summary>
/// <param name="Bar">The BAR that holds it.</param>
/// <param name="Start">Where it starts in the BAR.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct MsiXTable(int Bar, long Start, long End)
{
    private const int TableOffset = 4;
    private const uint SizeMask = 0x07FF;
    private const uint BarMask = 0x7;
    private const int EntrySize = 16;

    /// <summary>Reads it from the function, or null where there is no MSI-X (<c>vfio_pci_core_enable()</c>).</summary>
    public static MsiXTable? Of(PciFunction function)
    {
        if (function.Capabilities.Find(CapabilityId.MsiX) is not { } capability)
        {
            return null;
        }

        uint control = function.ReadConfig(capability.Offset + MsiRegisters.MessageControl, 2);
        uint table = function.ReadConfig(capability.Offset + TableOffset, 4);
        long start = table & ~BarMask;
        return new MsiXTable((int)(table & BarMask), start, start + (((control & SizeMask) + 1) * EntrySize));
    }
}
