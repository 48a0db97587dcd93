namespace VfioPm;

/// <content>The device's regions: what is there, reading and writing it, mapping it.</content>
public sealed partial class VfioDeviceFile
{
    private readonly List<VfioMapping> _mappings = [];

    /// <summary>What is mapped, oldest first.</summary>
    public IReadOnlyList<VfioMapping> Mappings => _mappings;

    private object Gate => Device.Pci.Core.Clock.Gate;

    /// <summary><c>VFIO_DEVICE_GET_INFO</c>.</summary>
    /// <param name="info">The answer.</param>
    /// <param name="argumentSize">The caller's <c>argsz</c>; null for an argument that cannot be read.</param>
    /// <returns>
    /// 0; -EINVAL if <paramref name="argumentSize"/> is too small; -EFAULT without an argument; -EIO where the function
    /// cannot be woken for the call.
    /// </returns>
    public KernelResult GetInfo(out VfioDeviceInfo info, uint? argumentSize = VfioDeviceInfo.LeastArgumentSize)
    {
        info = default;
        using var call = new UserCall(this, "user asks about the device");
        return call.Failure
            ?? (argumentSize is { } size ? VfioDeviceInfo.Get(Device.ResetWorks, size, out info) : Errno.EFAULT);
    }

    /// <summary><c>VFIO_DEVICE_GET_REGION_INFO</c>.</summary>
    /// <param name="index">The region (<see cref="VfioRegion"/>).</param>
    /// <param name="info">The answer.</param>
    /// <param name="argumentSize">The caller's <c>argsz</c>; null for an argument that cannot be read.</param>
    /// <returns>
    /// 0; -EINVAL if there is no such region or <paramref name="argumentSize"/> is too small; -EFAULT without an
    /// argument; -EIO where the function cannot be woken for the call.
    /// </returns>
    public KernelResult GetRegionInfo(
        uint index, out VfioRegionInfo info, uint? argumentSize = VfioRegionInfo.FullArgumentSize)
    {
        info = default;
        using var call = new UserCall(this, "user asks about a region");
        return call.Failure
            ?? (argumentSize is { } size ? Device.GetRegionInfo(index, size, out info) : Errno.EFAULT);
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
        if (AnswerWithoutDevice(region, buffer.Length) is { } answer)
        {
            return answer;
        }

        string what = region == VfioRegion.Configuration
            ? "guest reads configuration space"
            : "guest reads a region";
        using var call = new UserCall(this, what);
        return call.Failure ?? Device.ReadRegion(region, offset, buffer);
    }

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
        if (AnswerWithoutDevice(region, bytes.Length) is { } answer)
        {
            return answer;
        }

        string what = region == VfioRegion.Configuration
            ? "guest writes configuration space"
            : "guest writes to a region";
        using var call = new UserCall(this, what);
        return call.Failure ?? Device.WriteRegion(region, offset, bytes);
    }

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
        using var call = new UserCall(this, "user has a signal write");
        return call.Failure ?? Device.IoEventFds.Set(request);
    }

    /// <summary>Maps pages of a BAR, or says why not (<c>mmap()</c>, <c>vfio_pci_core_mmap()</c>).</summary>
    /// <param name="region">The BAR.</param>
    /// <param name="offset">Where in it; a multiple of the page size.</param>
    /// <param name="length">Bytes, rounded up to pages.</param>
    /// <param name="mapping">The mapping.</param>
    /// <returns>0, or -EINVAL where that cannot be mapped. Whether memory is enabled makes no difference yet.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such offset.</exception>
    public KernelResult TryMap(int region, long offset, long length, out VfioMapping? mapping)
    {
        CheckPosition(region, offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        lock (Gate)
        {
            CheckOpen();
            mapping = null;
            KernelResult result = Device.Regions.CheckMapping(region, (ulong)offset, (ulong)length);
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

    internal void Forget(VfioMapping mapping)
    {
        _mappings.Remove(mapping);
        ReleaseIfUnused();
    }

    internal void ZapMappings()
    {
        foreach (VfioMapping mapping in _mappings)
        {
            mapping.Zap();
        }
    }

    /// <summary>The mappings hold the file as a descriptor does (<c>vfio_device_fops_release()</c>).</summary>
    private void ReleaseIfUnused()
    {
        if (IsClosed && _mappings.Count == 0)
        {
            Device.Close(this);
        }
    }

    private static void CheckPosition(int region, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(region);
        if (offset < 0 || VfioRegion.Within(offset) != offset)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "No region of a device file has this offset.");
        }
    }

    private void CheckOpen() => ObjectDisposedException.ThrowIf(IsClosed, this);

    /// <summary>What a transfer gives that does not get as far as the device.</summary>
    private KernelResult? AnswerWithoutDevice(int region, int length)
    {
        CheckOpen();
        return length == 0 ? KernelResult.Success
            : region >= VfioRegion.Count ? Errno.EINVAL
            : null;
    }
}
