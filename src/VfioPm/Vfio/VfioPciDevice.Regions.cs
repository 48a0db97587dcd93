namespace VfioPm;

// What a user's reads, writes and mappings of the regions do.
public sealed partial class VfioPciDevice
{
    private DeviceRegions? _regions;

    internal DeviceRegions Regions => _regions
        ?? throw new InvalidOperationException($"{Pci.Name} is not open.");

    /// <summary>The writes that signals do.</summary>
    internal IoEventFds IoEventFds { get; }

    internal KernelResult GetRegionInfo(uint index, uint argumentSize, out VfioRegionInfo info) =>
        Regions.GetInfo(index, argumentSize, index == VfioRegion.Rom && HoldsRom(), out info);

    internal KernelResult ReadRegion(int region, long offset, Span<byte> buffer) => region switch
    {
        VfioRegion.Configuration => Configuration!.Read(offset, buffer),
        VfioRegion.Vga => Errno.EINVAL,
        _ => new RegionAccess(Pci.Hardware, Regions).Read(region, offset, buffer, MayAccess(region)),
    };

    internal KernelResult WriteRegion(int region, long offset, ReadOnlySpan<byte> bytes) => region switch
    {
        VfioRegion.Configuration => Configuration!.Write(offset, bytes),
        VfioRegion.Vga => Errno.EINVAL,
        _ => new RegionAccess(Pci.Hardware, Regions).Write(region, offset, bytes, MayAccess(region)),
    };

    /// <summary>Brings a mapped page back, if it may be accessed (<c>vfio_pci_mmap_fault()</c>).</summary>
    internal bool MayMap()
    {
        WaitForMemory();
        return IsMappingUsable;
    }

    /// <summary>Takes all mapped pages away; the next accesses fault.</summary>
    internal void ZapMappings()
    {
        foreach (VfioDeviceFile file in _files)
        {
            file.ZapMappings();
        }
    }

    /// <summary>Who accesses ports does not look at memory, nor wait for it.</summary>
    private bool MayAccess(int region)
    {
        if (!Regions.IsIo(region))
        {
            WaitForMemory();
        }

        return IsMemoryEnabled;
    }

    /// <summary>Looks for an image with memory decode on (<c>vfio_pci_memory_lock_and_enable()</c>), asleep or not.</summary>
    private bool HoldsRom()
    {
        WaitForMemory();
        uint command = Pci.ReadConfig(PciRegisters.Command, 2);
        if ((command & PciRegisters.CommandMemory) == 0)
        {
            Pci.WriteConfig(PciRegisters.Command, 2, command | PciRegisters.CommandMemory);
        }

        ExpansionRom rom = ExpansionRom.Map(Pci.Hardware);
        if (rom.Size > 0)
        {
            rom.Unmap();
        }

        Pci.WriteConfig(PciRegisters.Command, 2, command);
        return rom.Size > 0;
    }

    private void AddRegionsTo(ref StateHash hash)
    {
        foreach (VfioDeviceFile file in _files)
        {
            hash.Add(file.IsClosed);
            hash.Add(file.Mappings.Count);
            foreach (VfioMapping mapping in file.Mappings)
            {
                mapping.AddTo(ref hash);
            }
        }
    }
}
