namespace VfioPm;

/// <summary>Device registers that keep what is written: memory, zero at first and after every reset.</summary>
/// <remarks>Only pages that were written take space, so that a BAR may have gigabytes.</remarks>
public sealed class RamRegisters : IDeviceRegisters
{
    private const int PageSize = 0x1000;

    private readonly Dictionary<(int Bar, long Page), SharedBytes> _pages = [];

    /// <summary>Registers that hold nothing yet.</summary>
    public RamRegisters()
    {
    }

    private RamRegisters(RamRegisters original, ForkContext fork)
    {
        fork.Register(original, this);
        foreach (((int Bar, long Page) key, SharedBytes bytes) in original._pages)
        {
            _pages.Add(key, new SharedBytes(bytes));
        }
    }

    /// <inheritdoc/>
    public ulong Read(int bar, long offset, int width)
    {
        ulong value = 0;
        for (int i = 0; i < width; i++)
        {
            (long page, long at) = Math.DivRem(offset + i, PageSize);
            if (_pages.TryGetValue((bar, page), out SharedBytes? bytes))
            {
                value |= (ulong)bytes.All[(int)at] << (8 * i);
            }
        }

        return value;
    }

    /// <inheritdoc/>
    public void Write(int bar, long offset, int width, ulong value)
    {
        for (int i = 0; i < width; i++)
        {
            (long page, long at) = Math.DivRem(offset + i, PageSize);
            if (!_pages.TryGetValue((bar, page), out SharedBytes? bytes))
            {
                bytes = new SharedBytes(new byte[PageSize]);
                _pages.Add((bar, page), bytes);
            }

            bytes.Change()[(int)at] = (byte)(value >> (8 * i));
        }
    }

    /// <inheritdoc/>
    public void Reset(ResetKind kind) => _pages.Clear();

    IForkable IForkable.Fork(ForkContext fork) => new RamRegisters(this, fork);

    /// <inheritdoc/>
    public void AddTo(ref StateHash hash) => hash.AddInAnyOrder(_pages, static (ref hash, key, bytes) =>
    {
        hash.Add(key.Bar);
        hash.Add(key.Page);
        bytes.AddTo(ref hash);
    });
}
