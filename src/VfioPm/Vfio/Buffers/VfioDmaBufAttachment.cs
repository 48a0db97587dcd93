namespace VfioPm;

/// <summary>
/// What another device's driver has of an exported buffer (<c>struct dma_buf_attachment</c>): it maps it, and its device then
/// reaches the BAR over the bus, asleep or not, until it is told that the mapping is void.
/// </summary>
public sealed class VfioDmaBufAttachment : IForkable
{
    private readonly VfioDmaBuf _buffer;
    private readonly bool _unmapsAtOnce;

    internal VfioDmaBufAttachment(VfioDmaBuf buffer, VfioDmaBufImporter importer)
    {
        _buffer = buffer;
        _unmapsAtOnce = importer.UnmapsAtOnce;
    }

    private VfioDmaBufAttachment(VfioDmaBufAttachment original, ForkContext fork)
    {
        fork.Register(original, this);
        _buffer = fork.Of(original._buffer);
        _unmapsAtOnce = original._unmapsAtOnce;
        IsMapped = original.IsMapped;
        IsDetached = original.IsDetached;
        Invalidations = original.Invalidations;
    }

    /// <summary>Whether the other device can reach the BAR.</summary>
    public bool IsMapped { get; private set; }

    /// <summary>Whether the driver let the buffer go.</summary>
    public bool IsDetached { get; private set; }

    /// <summary>
    /// How often the driver was told that what it has mapped is void (<c>dma_buf_invalidate_mappings()</c>): when the buffer is
    /// revoked, and when it can soon be mapped again.
    /// </summary>
    public int Invalidations { get; private set; }

    private Kernel Kernel => _buffer.Kernel;

    /// <summary>Maps the buffer (<c>vfio_pci_dma_buf_map()</c>).</summary>
    /// <returns>0, or -ENODEV while the buffer is revoked.</returns>
    /// <exception cref="InvalidOperationException">It is mapped.</exception>
    /// <exception cref="ObjectDisposedException">The driver let the buffer go.</exception>
    public KernelResult Map()
    {
        lock (Kernel.Clock.Gate)
        {
            ObjectDisposedException.ThrowIf(IsDetached, this);
            if (IsMapped)
            {
                throw new InvalidOperationException($"Mapped already: {_buffer}.");
            }

            IsMapped = !_buffer.IsRevoked;
            return IsMapped ? 0 : Errno.ENODEV;
        }
    }

    /// <summary>
    /// Unmaps it (<c>vfio_pci_dma_buf_unmap()</c>): who revokes it and waits for the last to unmap it goes on. What is not mapped
    /// stays so.
    /// </summary>
    public void Unmap()
    {
        lock (Kernel.Clock.Gate)
        {
            Release();
        }
    }

    /// <summary>Lets the buffer go, unmapped; it goes too where nobody else holds it.</summary>
    public void Detach()
    {
        using KernelEntry entry = KernelEntry.Call(Kernel, _buffer.Exporter);
        entry.Run(LetGo());
    }

    /// <summary>The other device reads 1, 2, 4 or 8 bytes.</summary>
    /// <param name="offset">Where in the buffer.</param>
    /// <param name="width">How many bytes.</param>
    /// <returns>What was read; a fault, which is the IOMMU's, where the buffer is not mapped.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not inside of the buffer, not aligned, or no such width.</exception>
    public MappedAccess Read(long offset, int width)
    {
        CheckAccess(offset, width);
        lock (Kernel.Clock.Gate)
        {
            return IsMapped
                ? new MappedAccess(_buffer.Hardware.ReadMapped(_buffer.Region, _buffer.PlaceOf(offset), width), IsFault: false)
                : MappedAccess.BusError;
        }
    }

    /// <summary>The other device writes 1, 2, 4 or 8 bytes.</summary>
    /// <param name="offset">Where in the buffer.</param>
    /// <param name="width">How many bytes.</param>
    /// <param name="value">What to write.</param>
    /// <inheritdoc cref="Read"/>
    public MappedAccess Write(long offset, int width, ulong value)
    {
        CheckAccess(offset, width);
        lock (Kernel.Clock.Gate)
        {
            if (!IsMapped)
            {
                return MappedAccess.BusError;
            }

            _buffer.Hardware.WriteMapped(_buffer.Region, _buffer.PlaceOf(offset), width, value);
            return new MappedAccess(value, IsFault: false);
        }
    }

    IForkable IForkable.Fork(ForkContext fork) => new VfioDmaBufAttachment(this, fork);

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_unmapsAtOnce);
        hash.Add(IsMapped);
        hash.Add(IsDetached);
    }

    /// <summary>The driver is told that what it has mapped is void.</summary>
    internal void Invalidate()
    {
        Invalidations++;
        if (_unmapsAtOnce)
        {
            Release();
        }
    }

    private KernelCall LetGo()
    {
        if (IsDetached)
        {
            return KernelCall.Returned;
        }

        Release();
        IsDetached = true;
        return _buffer.Forget(this);
    }

    private void Release()
    {
        if (IsMapped)
        {
            IsMapped = false;
            _buffer.OnUnmapped();
        }
    }

    private void CheckAccess(long offset, int width)
    {
        if (width is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "A cycle has 1, 2, 4 or 8 bytes.");
        }

        if (offset < 0 || offset > _buffer.Length - width || offset % width != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"Not a place of a cycle of {width} in {_buffer}.");
        }
    }
}
