namespace VfioPm;

/// <summary>
/// Bytes of a device's registers that no reset reaches and that hold, when a recording begins, what was left there earlier in the
/// same boot. The recording does not say what that is, until it is written.
/// </summary>
internal sealed class UnknownBytes : IForkable
{
    /// <summary>How a byte is written down that could be anything; it is the same as any other.</summary>
    public const string Placeholder = "??";

    private readonly HashSet<long> _unknown;
    private readonly HashSet<long> _read = [];
    private bool _isEverything;

    public UnknownBytes(params long[] offsets) => _unknown = [.. offsets];

    private UnknownBytes(UnknownBytes original)
    {
        _unknown = [.. original._unknown];
        _read = [.. original._read];
        _isEverything = original._isEverything;
    }

    /// <summary>All that there is.</summary>
    public static UnknownBytes Everything => new() { _isEverything = true };

    /// <summary>The device was asked for bytes.</summary>
    public void OnRead(long offset, int width)
    {
        for (int i = 0; i < width; i++)
        {
            if (_isEverything || _unknown.Contains(offset + i))
            {
                _read.Add(offset + i);
            }
        }
    }

    /// <summary>What these bytes hold is known from now on.</summary>
    public void Learn(long offset, int width)
    {
        for (int i = 0; i < width; i++)
        {
            _unknown.Remove(offset + i);
        }
    }

    /// <summary>Nobody has done anything with the device since boot, so it holds what it held then.</summary>
    public void LearnAll()
    {
        _unknown.Clear();
        _isEverything = false;
    }

    /// <summary>Data in hexadecimal, without what the device gave of these bytes since it was asked last.</summary>
    public string Mask(string data, long offset)
    {
        foreach (long read in _read)
        {
            int at = 2 * (int)(read - offset);
            data = at >= 0 && at < data.Length ? string.Concat(data.AsSpan(0, at), Placeholder, data.AsSpan(at + 2)) : data;
        }

        _read.Clear();
        return data;
    }

    public IForkable Fork(ForkContext fork)
    {
        UnknownBytes copy = new(this);
        fork.Register(this, copy);
        return copy;
    }

    public void AddTo(ref StateHash hash)
    {
        foreach (long offset in _unknown.Order())
        {
            hash.Add(offset);
        }
    }
}
