namespace VfioPm;

/// <summary>
/// The data of <see cref="VfioFeature.DmaBuf"/> (<c>struct vfio_device_feature_dma_buf</c>): which parts of a BAR are to be
/// exported as one buffer.
/// </summary>
public sealed record VfioDmaBufRequest : IUnchanging
{
    /// <summary>Bytes of the data, without the ranges.</summary>
    public const uint HeaderSize = 16;

    private const ulong PageMask = 0xfff;

    // DMA_IOVA_USE_SWIOTLB
    private const ulong TooLarge = 1UL << 63;

    private readonly VfioDmaRange[] _ranges;

    /// <summary>These parts of a BAR.</summary>
    public VfioDmaBufRequest(uint region, params IReadOnlyList<VfioDmaRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        _ranges = [.. ranges];
        Region = region;
        Count = (uint)_ranges.Length;
    }

    /// <summary>What user space has in memory.</summary>
    internal VfioDmaBufRequest(uint region, VfioDmaRange[] ranges, uint count)
    {
        _ranges = ranges;
        Region = region;
        Count = count;
    }

    /// <summary>The BAR (<c>region_index</c>).</summary>
    public uint Region { get; }

    /// <summary><c>flags</c>, of which there are none.</summary>
    public uint Flags { get; init; }

    /// <summary>Its parts, as many as are in memory.</summary>
    public IReadOnlyList<VfioDmaRange> Ranges => _ranges.AsReadOnly();

    /// <summary>How many ranges the user says there are (<c>nr_ranges</c>).</summary>
    internal uint Count { get; }

    /// <summary>Checks the ranges by themselves (<c>validate_dmabuf_input()</c>).</summary>
    /// <returns>0, or -EINVAL for one that is empty or no pages, and for more than a buffer can be.</returns>
    internal int CheckRanges()
    {
        ulong sum = 0;
        foreach (VfioDmaRange range in _ranges)
        {
            ulong before = sum;
            sum = unchecked(sum + range.Length);
            if (range.Length == 0 || ((range.Offset | range.Length) & PageMask) != 0 || sum < before)
            {
                return -Errno.EINVAL;
            }
        }

        return (sum & TooLarge) != 0 ? -Errno.EINVAL : 0;
    }

    /// <summary>Checks that a BAR has the ranges (<c>vfio_pci_core_fill_phys_vec()</c>).</summary>
    /// <returns>0; -EOVERFLOW for an address that there is not; -EINVAL for what lies behind the BAR's end.</returns>
    internal int CheckIn(BarResource bar)
    {
        foreach (VfioDmaRange range in _ranges)
        {
            ulong begin = unchecked(bar.Start + range.Offset);
            ulong end = unchecked(begin + range.Length);
            if (begin < bar.Start || end < begin)
            {
                return -Errno.EOVERFLOW;
            }

            if (end > bar.Start + bar.Length)
            {
                return -Errno.EINVAL;
            }
        }

        return 0;
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Region);
        hash.Add(Flags);
        hash.Add(Count);
        hash.Add(_ranges.Length);
        foreach (VfioDmaRange range in _ranges)
        {
            hash.Add((long)range.Offset);
            hash.Add((long)range.Length);
        }
    }
}
