namespace VfioPm;

// What a user's reads, writes and mappings of the regions do.
public sealed partial class VfioPciDevice
{
    // To number those of all devices.
    private const int MostFiles = 1 << 8;

    private DeviceRegions? _regions;

    internal DeviceRegions Regions => _regions
        ?? throw new InvalidOperationException($"{Pci.Name} is not open.");

    /// <summary>The writes that signals do.</summary>
    internal IoEventFds IoEventFds { get; }

    /// <summary><c>vfio_pci_rw()</c>.</summary>
    internal KernelCall<KernelResult> ReadRegion(int region, long offset, UserMemory memory) => region switch
    {
        VfioRegion.Configuration => Configuration!.Read(offset, memory),
        VfioRegion.Vga => (KernelResult)Errno.EINVAL,
        _ => ReadBar(region, offset, memory),
    };

    /// <inheritdoc cref="ReadRegion"/>
    internal KernelCall<KernelResult> WriteRegion(int region, long offset, UserMemory memory) => region switch
    {
        VfioRegion.Configuration => Configuration!.Write(offset, memory),
        VfioRegion.Vga => (KernelResult)Errno.EINVAL,
        _ => WriteBar(region, offset, memory),
    };

    /// <summary>Brings a mapped page back, if it may be accessed (<c>vfio_pci_mmap_fault()</c>).</summary>
    internal async KernelCall<bool> MayMap()
    {
        await Memory.DownRead();
        bool isUsable = IsMappingUsable;
        Memory.UpRead();
        return isUsable;
    }

    /// <summary>Takes all mapped pages away; the next accesses fault.</summary>
    internal void ZapMappings()
    {
        foreach (VfioDeviceFile file in _files)
        {
            file.ZapMappings();
        }
    }

    /// <summary>
    /// <c>vfio_pci_bar_rw()</c>. Who accesses ports does not look at memory, nor wait for it.
    /// </summary>
    private async KernelCall<KernelResult> ReadBar(int region, long offset, UserMemory memory)
    {
        bool isIo = Regions.IsIo(region);
        if (!isIo)
        {
            await Memory.DownRead();
        }

        KernelResult result = new RegionAccess(Pci.Hardware, Regions).Read(region, offset, memory.Span, IsMemoryEnabled);
        if (!isIo)
        {
            Memory.UpRead();
        }

        return result;
    }

    /// <inheritdoc cref="ReadBar"/>
    private async KernelCall<KernelResult> WriteBar(int region, long offset, UserMemory memory)
    {
        bool isIo = Regions.IsIo(region);
        if (!isIo)
        {
            await Memory.DownRead();
        }

        KernelResult result = new RegionAccess(Pci.Hardware, Regions).Write(region, offset, memory.Bytes, IsMemoryEnabled);
        if (!isIo)
        {
            Memory.UpRead();
        }

        return result;
    }

    /// <summary>Looks for an image with memory decode on, asleep or not.</summary>
    internal async KernelCall<bool> HoldsRom()
    {
        uint command = await LockAndEnableMemory();
        bool holdsRom = ExpansionRom.IsThere(Pci.Hardware);
        UnlockAndRestoreMemory(command);
        return holdsRom;
    }

    internal int NumberOf(VfioDeviceFile file) => (Index * MostFiles) + _files.IndexOf(file);

    private void AddFilesTo(ref StateHash hash)
    {
        hash.Add(_files.Count);
        foreach (VfioDeviceFile file in _files)
        {
            file.AddTo(ref hash);
        }
    }
}
