namespace VfioPm;

/// <summary>
/// Pages of a BAR in a user's address space (<c>mmap()</c> of the device's file). Accesses go straight to the
/// hardware, asleep or not; only where the kernel has taken the pages away does it look whether it may give them
/// back, and otherwise the access faults.
/// </summary>
/// <remarks>
/// A mapping keeps the device open: closing the file is over when the last mapping is gone. The kernel maps all
/// pages on the first fault, as Linux up to 6.9 does.
/// </remarks>
public sealed class VfioMapping : IPlaced, IDisposable
{
    private readonly VfioDeviceFile _file;
    private bool _isPresent;

    internal VfioMapping(VfioDeviceFile file, int region, long offset, long length)
    {
        _file = file;
        Region = region;
        Offset = offset;
        Length = length;
    }

    private VfioMapping(VfioMapping original, ForkContext fork)
    {
        fork.Register(original, this);
        _file = fork.Of(original._file);
        _isPresent = original._isPresent;
        Region = original.Region;
        Offset = original.Offset;
        Length = original.Length;
        IsUnmapped = original.IsUnmapped;
    }

    /// <summary>The BAR.</summary>
    public int Region { get; }

    /// <summary>Where in the BAR the mapping begins.</summary>
    public long Offset { get; }

    /// <summary>Its bytes.</summary>
    public long Length { get; }

    /// <summary>Whether it is gone.</summary>
    public bool IsUnmapped { get; private set; }

    private VfioPciDevice Device => _file.Device;

    int INumbered.Index => _file.NumberOf(this);

    private Kernel Kernel => Device.Pci.Core.Kernel;

    /// <summary>Reads 1, 2, 4 or 8 bytes in one cycle.</summary>
    /// <param name="offset">Where in the mapping.</param>
    /// <param name="width">How many bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside of the mapping, or no such width.</exception>
    /// <exception cref="ObjectDisposedException">It was unmapped.</exception>
    public MappedAccess Read(long offset, int width)
    {
        CheckAccess(offset, width);
        using KernelEntry entry = KernelEntry.Call(Kernel, Device.Pci.Name);
        UserMemory memory = Kernel.RentMemory(width);
        bool faults = entry.Run(ReadPage(offset, memory)).IsError;
        ulong value = memory.Value;
        Kernel.Return(memory);
        return faults ? MappedAccess.BusError : new MappedAccess(value, IsFault: false);
    }

    /// <summary>Writes 1, 2, 4 or 8 bytes in one cycle.</summary>
    /// <param name="offset">Where in the mapping.</param>
    /// <param name="width">How many bytes.</param>
    /// <param name="value">What to write.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not inside of the mapping, or no such width.</exception>
    /// <exception cref="ObjectDisposedException">It was unmapped.</exception>
    public MappedAccess Write(long offset, int width, ulong value)
    {
        CheckAccess(offset, width);
        using KernelEntry entry = KernelEntry.Call(Kernel, Device.Pci.Name);
        UserMemory memory = Kernel.RentMemory(width);
        memory.Value = value;
        bool faults = entry.Run(WritePage(offset, memory)).IsError;
        Kernel.Return(memory);
        return faults ? MappedAccess.BusError : new MappedAccess(value, IsFault: false);
    }

    /// <summary>Takes the mapping away (<c>munmap()</c>); the last one of a closed file closes the device.</summary>
    public void Unmap()
    {
        using KernelEntry entry = KernelEntry.Call(Kernel, Device.Pci.Name);
        entry.Run(UnmapPages());
    }

    /// <inheritdoc/>
    public void Dispose() => Unmap();

    IForkable IForkable.Fork(ForkContext fork) => new VfioMapping(this, fork);

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_isPresent);
        hash.Add(Region);
        hash.Add(Offset);
        hash.Add(Length);
        hash.Add(IsUnmapped);
    }

    /// <summary>The kernel takes the pages away; the next access faults (<c>vfio_pci_zap_and_down_write_memory_lock()</c>).</summary>
    internal void Zap() => _isPresent = false;

    /// <summary>A guest reads, and waits for the thread that does it for its virtual processor.</summary>
    internal KernelThread ExitToRead(long offset, UserMemory memory)
    {
        CheckAccess(offset, memory.Length);
        using KernelEntry entry = KernelEntry.Exit(Kernel, Device.Pci.Name);
        return entry.Start(ReadPage(offset, memory)).Thread;
    }

    /// <summary>A guest writes, likewise.</summary>
    internal KernelThread ExitToWrite(long offset, UserMemory memory)
    {
        CheckAccess(offset, memory.Length);
        using KernelEntry entry = KernelEntry.Exit(Kernel, Device.Pci.Name);
        return entry.Start(WritePage(offset, memory)).Thread;
    }

    internal async KernelCall UnmapPages()
    {
        if (!IsUnmapped)
        {
            IsUnmapped = true;
            await _file.Forget(this);
        }
    }

    /// <returns>0, or -EFAULT for what ends in SIGBUS.</returns>
    private async KernelCall<int> ReadPage(long offset, UserMemory memory)
    {
        if (!_isPresent && !await FaultIn())
        {
            return -Errno.EFAULT;
        }

        memory.Value = Device.Pci.Hardware.ReadMapped(Region, Offset + offset, memory.Length);
        return 0;
    }

    /// <inheritdoc cref="ReadPage"/>
    private async KernelCall<int> WritePage(long offset, UserMemory memory)
    {
        if (!_isPresent && !await FaultIn())
        {
            return -Errno.EFAULT;
        }

        Device.Pci.Hardware.WriteMapped(Region, Offset + offset, memory.Length, memory.Value);
        return 0;
    }

    /// <summary><c>vfio_pci_mmap_fault()</c>, where the pages are not there.</summary>
    private async KernelCall<bool> FaultIn() => _isPresent = await _file.Session.MayMap();

    private void CheckAccess(long offset, int width)
    {
        if (IsUnmapped)
        {
            throw new ObjectDisposedException(nameof(VfioMapping), $"BAR {Region} of {Device.Pci.Name} was unmapped.");
        }

        if (width is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "A cycle has 1, 2, 4 or 8 bytes.");
        }

        if (offset < 0 || offset > Length - width)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), offset, $"The mapping of BAR {Region} of {Device.Pci.Name} has 0x{Length:x} bytes.");
        }
    }
}
