namespace VfioPm;

/// <summary>The registers of a table, with what they hold.</summary>
internal sealed class RegisterFile
{
    private readonly DeviceRegister[] _table;
    private readonly uint[] _values;

    public RegisterFile(params DeviceRegister[] table)
    {
        _table = table;
        _values = new uint[table.Length];
        Reset();
    }

    private RegisterFile(RegisterFile original)
    {
        _table = original._table;
        _values = [.. original._values];
    }

    /// <summary>A whole register; the device's own writes reach every bit.</summary>
    public uint this[long offset]
    {
        get => Find(offset) is >= 0 and int index ? _values[index] : 0;
        set
        {
            if (Find(offset) is >= 0 and int index)
            {
                _values[index] = value;
            }
        }
    }

    /// <summary>Software writes a whole register.</summary>
    public void Write(long offset, uint value)
    {
        if (Find(offset) is >= 0 and int index)
        {
            uint writable = _table[index].Writable;
            _values[index] = (_values[index] & ~writable) | (value & writable);
        }
    }

    public void Reset()
    {
        for (int i = 0; i < _table.Length; i++)
        {
            _values[i] = _table[i].Initial;
        }
    }

    public RegisterFile Copy() => new(this);

    public void AddTo(ref StateHash hash)
    {
        foreach (uint value in _values)
        {
            hash.Add(value);
        }
    }

    private int Find(long offset) => Array.FindIndex(_table, register => register.Offset == offset);
}
