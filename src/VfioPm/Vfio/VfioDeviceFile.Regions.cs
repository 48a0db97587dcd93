namespace VfioPm;

/// <content>The device's regions: what is there, reading and writing it, mapping it.</content>
public sealed partial class VfioDeviceFile
{
    // A process has 47 bits of them, less a page (TASK_SIZE_MAX).
    private const long AddressSpace = (1L << 47) - 0x1000;

    private readonly PublishedList<VfioMapping> _mappings = [];

    /// <summary>What is mapped, oldest first.</summary>
    public IReadOnlyList<VfioMapping> Mappings => _mappings;

    /// <summary><c>VFIO_DEVICE_GET_INFO</c>.</summary>
    /// <param name="info">The answer.</param>
    /// <param name="argumentSize">The caller's <c>argsz</c>.</param>
    /// <returns>
    /// 0; -EINVAL if <paramref name="argumentSize"/> is too small; -EIO where the function cannot be woken for the call.
    /// </returns>
    public KernelResult GetInfo(out VfioDeviceInfo info, uint argumentSize = VfioDeviceInfo.FullArgumentSize)
    {
        var request = new DeviceInfoRequest(argumentSize);
        KernelResult result = Ioctl(request);
        info = request.Info;
        return result;
    }

    /// <summary><c>VFIO_DEVICE_GET_REGION_INFO</c>.</summary>
    /// <param name="index">The region (<see cref="VfioRegion"/>).</param>
    /// <param name="info">The answer.</param>
    /// <param name="argumentSize">The caller's <c>argsz</c>.</param>
    /// <returns>
    /// 0; -EINVAL if there is no such region or <paramref name="argumentSize"/> is too small; -EIO where the function cannot
    /// be woken for the call.
    /// </returns>
    public KernelResult GetRegionInfo(
        uint index, out VfioRegionInfo info, uint argumentSize = VfioRegionInfo.FullArgumentSize)
    {
        var request = new RegionInfoRequest(index, argumentSize);
        KernelResult result = Ioctl(request);
        info = request.Info;
        return result;
    }

    /// <summary>Reads bytes of a region (<c>pread()</c>, <c>vfio_pci_rw()</c>).</summary>
    /// <param name="region">Which (<see cref="VfioRegion"/>).</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="buffer">What to fill; a read across the region's end fills as much as there is.</param>
    /// <returns>
    /// How many bytes were read; -EINVAL where there is no such region or it does not reach as far (-EFAULT for
    /// configuration space); -EIO where the user may not access memory, or the function cannot be woken for the call;
    /// -ENOMEM for a ROM without an image.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such offset.</exception>
    public KernelResult Read(int region, long offset, Span<byte> buffer)
    {
        CheckPosition(region, offset);
        using KernelEntry entry = KernelEntry.Call(Kernel, Device.Pci.Name);
        UserMemory memory = Kernel.RentMemory(buffer.Length);
        buffer.CopyTo(memory.Span);
        KernelResult result = entry.Run(Read(region, offset, memory));
        memory.Bytes.CopyTo(buffer);
        Kernel.Return(memory);
        return result;
    }

    /// <summary>Begins a read: the bytes are in <paramref name="memory"/> when it is over.</summary>
    /// <inheritdoc cref="Read(int, long, Span{byte})"/>
    public PendingCall BeginRead(int region, long offset, UserMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        CheckPosition(region, offset);
        using KernelEntry entry = KernelEntry.Begin(Kernel, Device.Pci.Name);
        return entry.Start(Read(region, offset, memory));
    }

    /// <summary>Reads at an offset of the device's file (<c>pread()</c>): <see cref="VfioRegion.FileOffset"/> and beyond.</summary>
    /// <returns>The same; -EINVAL for an offset below zero.</returns>
    /// <inheritdoc cref="Read(int, long, Span{byte})"/>
    public KernelResult Read(long offset, Span<byte> buffer) =>
        offset < 0 ? Errno.EINVAL : Read(VfioRegion.IndexOf((ulong)offset), VfioRegion.Within(offset), buffer);

    /// <summary>Writes bytes of a region (<c>pwrite()</c>, <c>vfio_pci_rw()</c>).</summary>
    /// <param name="region">Which (<see cref="VfioRegion"/>).</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="bytes">What to write; a write across the region's end writes as much as fits.</param>
    /// <returns>
    /// How many bytes were taken; -EINVAL where there is no such region, it does not reach as far (-EFAULT for
    /// configuration space) or it is the ROM; -EIO where the user may not access memory, or the function cannot be
    /// woken for the call.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such offset.</exception>
    public KernelResult Write(int region, long offset, ReadOnlySpan<byte> bytes)
    {
        CheckPosition(region, offset);
        using KernelEntry entry = KernelEntry.Call(Kernel, Device.Pci.Name);
        UserMemory memory = Kernel.RentMemory(bytes.Length);
        bytes.CopyTo(memory.Span);
        KernelResult result = entry.Run(Write(region, offset, memory));
        Kernel.Return(memory);
        return result;
    }

    /// <summary>Begins a write of what is in <paramref name="memory"/>.</summary>
    /// <inheritdoc cref="Write(int, long, ReadOnlySpan{byte})"/>
    public PendingCall BeginWrite(int region, long offset, UserMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        CheckPosition(region, offset);
        using KernelEntry entry = KernelEntry.Begin(Kernel, Device.Pci.Name);
        return entry.Start(Write(region, offset, memory));
    }

    /// <summary>Writes at an offset of the device's file (<c>pwrite()</c>).</summary>
    /// <inheritdoc cref="Read(long, Span{byte})"/>
    public KernelResult Write(long offset, ReadOnlySpan<byte> bytes) =>
        offset < 0 ? Errno.EINVAL : Write(VfioRegion.IndexOf((ulong)offset), VfioRegion.Within(offset), bytes);

    /// <summary>Has an eventfd's signal write to a BAR, or no longer (<c>VFIO_DEVICE_IOEVENTFD</c>).</summary>
    /// <returns>
    /// 0; -EINVAL for what makes no sense, what is no BAR or not all in it, and for the MSI-X table; -EEXIST for a write
    /// that a signal does already; -ENODEV to give up what there is not; -ENOSPC for the thousand and first; -EBADF for a
    /// descriptor that is not open; -EIO if the device cannot be woken.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such offset.</exception>
    public KernelResult SetIoEventFd(in VfioIoEventFd request)
    {
        CheckPosition(request.Region, request.Offset);
        return Ioctl(new IoEventFdRequest(request));
    }

    /// <summary>Maps pages of a BAR, or says why not (<c>mmap()</c>, <c>vfio_pci_core_mmap()</c>).</summary>
    /// <param name="region">The BAR.</param>
    /// <param name="offset">Where in it; a multiple of the page size.</param>
    /// <param name="length">Bytes, rounded up to pages.</param>
    /// <param name="mapping">The mapping.</param>
    /// <returns>
    /// 0; -ENOMEM for more than a process has addresses; or -EINVAL where that cannot be mapped. Whether memory is enabled makes no
    /// difference yet.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such offset.</exception>
    public KernelResult TryMap(int region, long offset, long length, out VfioMapping? mapping)
    {
        CheckPosition(region, offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        lock (Kernel.Clock.Gate)
        {
            CheckOpen();
            mapping = null;
            KernelResult result = length > AddressSpace
                ? Errno.ENOMEM
                : Session.Regions.CheckMapping(region, (ulong)offset, (ulong)length);
            if (!result.IsError)
            {
                mapping = new VfioMapping(this, region, offset, length);
                _mappings.Add(mapping);
            }

            return result;
        }
    }

    /// <summary>Maps pages of a BAR (<c>mmap()</c>).</summary>
    /// <param name="region">The BAR.</param>
    /// <param name="offset">Where in it; a multiple of the page size.</param>
    /// <param name="length">Bytes, rounded up to pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such offset.</exception>
    /// <exception cref="InvalidOperationException">The kernel refuses; the message says what it returned.</exception>
    public VfioMapping Map(int region, long offset, long length)
    {
        KernelResult result = TryMap(region, offset, length, out VfioMapping? mapping);
        return mapping ?? throw new InvalidOperationException(
            $"Region {region} of {Device.Pci.Name} cannot be mapped at 0x{offset:x}: {result}.");
    }

    internal KernelCall Forget(VfioMapping mapping)
    {
        _mappings.Remove(mapping);
        return ReleaseIfUnused();
    }

    internal void ZapMappings()
    {
        foreach (VfioMapping mapping in _mappings)
        {
            mapping.Zap();
        }
    }

    /// <summary>
    /// The same for a process, or a guest, that waits for the thread that makes the call: -EBADF where somebody closed the
    /// descriptor under it.
    /// </summary>
    internal KernelThread ExitToRead(int region, long offset, UserMemory memory)
    {
        using KernelEntry entry = KernelEntry.Exit(Kernel, Device.Pci.Name);
        return entry.Start(IsClosed ? -Errno.EBADF : Read(region, offset, memory)).Thread;
    }

    /// <inheritdoc cref="ExitToRead"/>
    internal KernelThread ExitToWrite(int region, long offset, UserMemory memory)
    {
        using KernelEntry entry = KernelEntry.Exit(Kernel, Device.Pci.Name);
        return entry.Start(IsClosed ? -Errno.EBADF : Write(region, offset, memory)).Thread;
    }

    /// <summary><c>vfio_device_fops_read()</c>.</summary>
    internal KernelCall<int> Read(int region, long offset, UserMemory memory) =>
        AnswerWithoutDevice(region, offset, memory.Length) is { } answer
            ? answer
            : Transfer(region, offset, memory, isWrite: false);

    /// <summary><c>vfio_device_fops_write()</c>.</summary>
    internal KernelCall<int> Write(int region, long offset, UserMemory memory) =>
        AnswerWithoutDevice(region, offset, memory.Length) is { } answer
            ? answer
            : Transfer(region, offset, memory, isWrite: true);

    private async KernelCall<int> Transfer(int region, long offset, UserMemory memory, bool isWrite)
    {
        BeginCall((region, isWrite) switch
        {
            (VfioRegion.Configuration, false) => "guest reads configuration space",
            (VfioRegion.Configuration, true) => "guest writes configuration space",
            (_, false) => "guest reads a region",
            _ => "guest writes to a region",
        });
        UserCalls call = region == VfioRegion.Configuration ? UserCalls.Configuration : UserCalls.Memory;
        int result = await Device.Power.BeginUserCall(call);
        if (result >= 0)
        {
            result = isWrite
                ? await Session.Write(region, offset, memory)
                : await Session.Read(region, offset, memory);
            await ReleaseDevice(call);
        }

        await EndCall();
        return result;
    }

    private static void CheckPosition(int region, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(region);
        if (offset < 0 || VfioRegion.Within(offset) != offset)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "No region of a device file has this offset.");
        }
    }

    /// <summary>What a transfer gives that does not get as far as the device.</summary>
    private int? AnswerWithoutDevice(int region, long offset, int length)
    {
        CheckOpen();
        return length == 0 ? 0
            : region >= VfioRegion.Count ? -Errno.EINVAL
            : null;
    }
}
