using System.Buffers.Binary;

namespace VfioPm.Server;

/// <summary>
/// A bare function, as hardware: no kernel stands between it and its client, whose own does what kernels do. An access takes
/// no time.
/// </summary>
internal sealed class SiliconDevice : IServedDevice
{
    private const int Indexes = 5;

    private readonly PciFunction _function;
    private readonly HostTime _time;
    private readonly bool _isPowerCut;
    private readonly PowerCut _powerCut;

    /// <param name="function">The function.</param>
    /// <param name="isPowerCut">Whether the client's machine can cut its power.</param>
    /// <param name="time">The host's time.</param>
    public SiliconDevice(PciFunction function, bool isPowerCut, HostTime time)
    {
        _function = function;
        _isPowerCut = isPowerCut;
        _powerCut = new PowerCut(function);
        _time = time;
        Interrupts = new SiliconInterrupts(function);
        time.Changed += Interrupts.FollowPin;
    }

    /// <summary>Where its interrupts go.</summary>
    public SiliconInterrupts Interrupts { get; }

    /// <inheritdoc/>
    public Task<Answer> GetInfo(CancellationToken stop) => Task.FromResult(Answer.Of(new DeviceInfoStructure(
        16, (uint)(VfioDeviceFlags.Pci | VfioDeviceFlags.Reset), VfioRegion.Count, Indexes)));

    /// <inheritdoc/>
    public Task<Answer> GetRegionInfo(uint index, CancellationToken stop)
    {
        if (index >= VfioRegion.Vga)
        {
            return Task.FromResult<Answer>(Errno.EINVAL);
        }

        ulong size = SizeOf((int)index);
        VfioRegionFlags flags = size == 0 ? VfioRegionFlags.None
            : index == VfioRegion.Rom ? VfioRegionFlags.Read
            : VfioRegionFlags.Read | VfioRegionFlags.Write;
        return Task.FromResult(Answer.Of(new RegionInfoStructure(
            32, (uint)flags, index, 0, size, VfioRegion.FileOffset((int)index))));
    }

    /// <inheritdoc/>
    public Task<Answer> GetIrqInfo(uint index, CancellationToken stop) => Task.FromResult<Answer>(
        index < Indexes && Interrupts.InfoOf((VfioIrqIndex)index) is { } info
            ? Answer.Of(new IrqInfoStructure(16, (uint)info.Flags, index, (uint)info.Count))
            : Errno.EINVAL);

    /// <inheritdoc/>
    public Task<Answer> SetIrqs(
        IrqSetStructure request,
        ReadOnlyMemory<byte> bools,
        IReadOnlyList<NativeDescriptor> eventFds,
        CancellationToken stop) => Task.FromResult(Interrupts.Set(request, bools.Span, eventFds));

    /// <inheritdoc/>
    public Task<KernelResult> Read(RegionAccessStructure access, Memory<byte> buffer, CancellationToken stop)
    {
        if (!IsInside(access))
        {
            return Task.FromResult<KernelResult>(Errno.EINVAL);
        }

        _time.CatchUp();
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int done = 0, width; done < buffer.Length; done += width)
        {
            width = WidthAt(access, done);
            BinaryPrimitives.WriteUInt64LittleEndian(word, ReadCycle((int)access.Region, (long)access.Offset + done, width));
            word[..width].CopyTo(buffer.Span[done..]);
        }

        _time.CatchUp();
        return Task.FromResult((KernelResult)buffer.Length);
    }

    /// <inheritdoc/>
    public Task<KernelResult> Write(RegionAccessStructure access, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        if (!IsInside(access) || access.Region == VfioRegion.Rom)
        {
            return Task.FromResult<KernelResult>(Errno.EINVAL);
        }

        _time.CatchUp();
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int done = 0, width; done < bytes.Length; done += width)
        {
            width = WidthAt(access, done);
            word.Clear();
            bytes.Span.Slice(done, width).CopyTo(word);
            WriteCycle((int)access.Region, (long)access.Offset + done, width, BinaryPrimitives.ReadUInt64LittleEndian(word));
        }

        _time.CatchUp();
        return Task.FromResult((KernelResult)bytes.Length);
    }

    /// <inheritdoc/>
    public Task<Answer> Reset(CancellationToken stop)
    {
        _time.CatchUp();
        if (_isPowerCut && _powerCut.IsReset)
        {
            _function.SetPower(false);
            _function.SetPower(true);
        }
        else
        {
            _function.Reset(ResetKind.Bus);
        }

        _time.CatchUp();
        return Task.FromResult(Answer.Empty);
    }

    /// <summary>Features are a kernel's.</summary>
    /// <inheritdoc/>
    public Task<Answer> Feature(ReadOnlyMemory<byte> request, NativeDescriptor? eventFd, CancellationToken stop)
    {
        eventFd?.Dispose();
        return Task.FromResult<Answer>(Errno.ENOTTY);
    }

    /// <inheritdoc/>
    public bool Raise(VfioIrqIndex index, uint vector) => Interrupts.Raise(index, vector);

    /// <inheritdoc/>
    public void AskBack() => Interrupts.Raise(VfioIrqIndex.Req, 0);

    /// <inheritdoc/>
    public void Forget() => Interrupts.Clear();

    /// <summary>The widest cycle that is aligned there and does not reach beyond the end.</summary>
    private static int WidthAt(RegionAccessStructure access, int done)
    {
        int width = sizeof(uint);
        while ((access.Offset + (ulong)done) % (ulong)width != 0 || done + width > access.Count)
        {
            width /= 2;
        }

        return width;
    }

    private ulong SizeOf(int region) => region == VfioRegion.Configuration
        ? (ulong)_function.Configuration.Size
        : _function.FindBar(region)?.Size ?? 0;

    private bool IsInside(RegionAccessStructure access) =>
        access.Region < VfioRegion.Vga
        && SizeOf((int)access.Region) is var size
        && access.Offset <= size
        && access.Count <= size - access.Offset;

    private ulong ReadCycle(int region, long offset, int width)
    {
        _powerCut.See(region, offset, _function.PowerState);
        return region == VfioRegion.Configuration
            ? _function.ReadConfig((int)offset, width)
            : _function.ReadBar(region, offset, width);
    }

    private void WriteCycle(int region, long offset, int width, ulong value)
    {
        PowerState before = _function.PowerState;
        if (region == VfioRegion.Configuration)
        {
            _function.WriteConfig((int)offset, width, (uint)value);
        }
        else
        {
            _function.WriteBar(region, offset, width, value);
        }

        _powerCut.See(region, offset, before);
    }
}
