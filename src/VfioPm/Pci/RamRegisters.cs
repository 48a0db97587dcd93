namespace VfioPm;

/// <summary>Device registers that keep what is written: memory, zero at first and after every reset.</summary>
/// <remarks>Only pages that were written take space, so that a BAR may have gigabytes.</remarks>
public sealed class RamRegisters : IDeviceRegisters
{
    private const int PageSize = 0x1000;

    // Null for nothing: most functions never hold any.
    private Dictionary<(int Bar, long Number), Page>? _pages;

    /// <summary>Registers that hold nothing yet.</summary>
    public RamRegisters()
    {
    }

    private RamRegisters(RamRegisters original, ForkContext fork)
    {
        fork.Register(original, this);
        _pages = original._pages?.ToDictionary(static at => at.Key, static at => new Page(at.Value));
    }

    /// <inheritdoc/>
    public ulong Read(int bar, long offset, int width)
    {
        ulong value = 0;
        for (int i = 0; i < width; i++)
        {
            (long number, long at) = Math.DivRem(offset + i, PageSize);
            if (_pages is { } pages && pages.TryGetValue((bar, number), out Page? page))
            {
                value |= (ulong)page.Bytes.All[(int)at] << (8 * i);
            }
        }

        return value;
    }

    /// <inheritdoc/>
    public void Write(int bar, long offset, int width, ulong value)
    {
        for (int i = 0; i < width; i++)
        {
            (long number, long at) = Math.DivRem(offset + i, PageSize);
            _pages ??= [];
            if (!_pages.TryGetValue((bar, number), out Page? page))
            {
                page = new Page();
                _pages.Add((bar, number), page);
            }

            page.Bytes.Change()[(int)at] = (byte)(value >> (8 * i));
        }
    }

    /// <inheritdoc/>
    public void Reset(ResetKind kind) => _pages = null;

    IForkable IForkable.Fork(ForkContext fork) => new RamRegisters(this, fork);

    /// <inheritdoc/>
    public void AddTo(ref StateHash hash)
    {
        hash.Add(_pages is not null);
        if (_pages is { } pages)
        {
            hash.AddInAnyOrder(pages, static (ref hash, key, page) =>
            {
                hash.Add(key.Bar);
                hash.Add(key.Number);
                page.Bytes.AddTo(ref hash);
            });
        }
    }

    private sealed class Page
    {
        public SharedBytes Bytes;

        public Page() => Bytes = new SharedBytes(new byte[PageSize]);

        public Page(Page original) => Bytes = new SharedBytes(ref original.Bytes);
    }
}
