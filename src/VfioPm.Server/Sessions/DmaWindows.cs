namespace VfioPm.Server;

/// <summary>
/// The client's memory that the device may reach. No device here reaches for memory, so only the ranges are kept, and none
/// of the descriptors.
/// </summary>
internal sealed class DmaWindows
{
    private const uint Readable = 1;
    private const uint Writable = 2;
    private const uint UnmapAll = 2;

    // By address; they do not overlap.
    private readonly SortedList<ulong, ulong> _sizes = [];

    /// <summary>How many there are.</summary>
    public int Count => _sizes.Count;

    /// <summary><c>VFIO_USER_DMA_MAP</c>.</summary>
    /// <returns>
    /// Nothing; EINVAL for what makes no sense; EEXIST where one is already; ENOSPC for one too many.
    /// </returns>
    public Answer Map(in DmaMapStructure window)
    {
        bool isWellFormed = window.ArgumentSize >= 32
            && (window.Flags & ~(Readable | Writable)) == 0
            && IsRange(window.Address, window.Size);
        return !isWellFormed ? Errno.EINVAL
            : Overlaps(window.Address, window.Size) ? Errno.EEXIST
            : !TryAdd(window.Address, window.Size) ? Errno.ENOSPC
            : Answer.Empty;
    }

    /// <summary><c>VFIO_USER_DMA_UNMAP</c>: one as it was mapped, or all.</summary>
    /// <returns>What was asked for; EINVAL for what makes no sense; ENOENT where there is none.</returns>
    public Answer Unmap(in DmaUnmapStructure window)
    {
        switch (window)
        {
            case { ArgumentSize: < 24 } or { Flags: not (0 or UnmapAll) }:
                return Errno.EINVAL;
            case { Flags: UnmapAll, Address: 0, Size: 0 }:
                Clear();
                return Answer.Of(window);
            case { Flags: UnmapAll }:
                return Errno.EINVAL;
        }

        if (!_sizes.TryGetValue(window.Address, out ulong size) || size != window.Size)
        {
            return Errno.ENOENT;
        }

        _sizes.Remove(window.Address);
        return Answer.Of(window);
    }

    public void Clear() => _sizes.Clear();

    private static bool IsRange(ulong address, ulong size) =>
        size != 0
        && (address | size) % Limits.PageSizes == 0
        && size - 1 <= ulong.MaxValue - address;

    private bool TryAdd(ulong address, ulong size)
    {
        bool fits = Count < Limits.DmaWindows;
        if (fits)
        {
            _sizes.Add(address, size);
        }

        return fits;
    }

    private bool Overlaps(ulong address, ulong size)
    {
        int above = FirstAbove(address);
        return (above < Count && _sizes.Keys[above] - address < size)
            || (above > 0 && address - _sizes.Keys[above - 1] < _sizes.Values[above - 1]);
    }

    /// <summary>The place of the first that begins behind an address.</summary>
    private int FirstAbove(ulong address)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_sizes.Keys[middle] <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
