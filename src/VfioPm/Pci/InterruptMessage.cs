namespace VfioPm;

/// <summary>What a function writes to signal an interrupt by MSI or MSI-X (PCI Local Bus 3.0, section 6.8).</summary>
/// <param name="Address">Where to.</param>
/// <param name="Data">What.</param>
internal readonly record struct InterruptMessage(ulong Address, uint Data)
{
    /// <summary>The message of a vector as the function's registers have it; null where none would be sent.</summary>
    public static InterruptMessage? Find(PciFunction function, IDeviceRegisters registers, int vector)
    {
        ConfigurationSpace space = function.Configuration;
        if (function.Capabilities.Find(CapabilityId.MsiX) is { } msiX
            && space.Has(msiX.Offset + MsiRegisters.MessageControl, 2, MsiRegisters.MsiXEnable))
        {
            return OfTable(function, msiX.Offset, registers, vector);
        }

        return function.Capabilities.Find(CapabilityId.Msi) is { } msi ? OfCapability(space, msi.Offset, vector) : null;
    }

    private static InterruptMessage? OfCapability(ConfigurationSpace space, int offset, int vector)
    {
        uint control = space.Read(offset + MsiRegisters.MessageControl, 2);
        int given = 1 << (int)((control & MsiRegisters.MultipleEnable) >> 4);
        bool isMasked = (control & MsiRegisters.Maskable) != 0
            && space.Has(offset + MsiRegisters.MaskOffset(control), 4, 1u << vector);
        bool isWhole = space.Reaches(offset + MsiRegisters.DataOffset(control), 2);
        if ((control & MsiRegisters.Enable) == 0 || vector >= given || isMasked || !isWhole)
        {
            return null;
        }

        ulong upper = (control & MsiRegisters.Address64) != 0 ? space.Read(offset + MsiRegisters.UpperAddress, 4) : 0;
        uint data = space.Read(offset + MsiRegisters.DataOffset(control), 2);
        return new InterruptMessage(
            (upper << 32) | space.Read(offset + MsiRegisters.Address, 4), (data & ~((uint)given - 1)) | (uint)vector);
    }

    private static InterruptMessage? OfTable(
        PciFunction function, int offset, IDeviceRegisters registers, int vector)
    {
        ConfigurationSpace space = function.Configuration;
        uint control = space.Read(offset + MsiRegisters.MessageControl, 2);
        if ((control & MsiRegisters.MsiXMaskAll) != 0 || vector > (control & MsiRegisters.MsiXTableSize))
        {
            return null;
        }

        uint table = space.Ask(offset + MsiRegisters.MsiXTable, 4);
        int bar = (int)(table & MsiRegisters.MsiXTableBar);
        long entry = (table & ~MsiRegisters.MsiXTableBar) + ((long)vector * MsiRegisters.MsiXEntrySize);
        bool isThere = function.FindBar(bar) is { } found && (ulong)entry + MsiRegisters.MsiXEntrySize <= found.Size;
        return !isThere || (registers.Read(bar, entry + MsiRegisters.MsiXEntryControl, 4) & MsiRegisters.MsiXEntryMasked) != 0
            ? null
            : new InterruptMessage(
                registers.Read(bar, entry, 4) | (registers.Read(bar, entry + 4, 4) << 32),
                (uint)registers.Read(bar, entry + MsiRegisters.MsiXEntryData, 4));
    }
}
