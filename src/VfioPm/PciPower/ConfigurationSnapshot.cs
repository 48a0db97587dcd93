namespace VfioPm;

/// <summary>What the registers held that are saved of a function (<see cref="SavedRegisters"/>).</summary>
internal sealed class ConfigurationSnapshot(SavedRegister[] registers) : IForkable, IFrameLocal
{
    private readonly SavedRegister[] _registers = registers;
    private readonly uint[] _values = new uint[registers.Length];

    public async KernelCall Take(IPciConfiguration function)
    {
        for (int i = TakeOpen(function.OpenRegisters, 0); i < _registers.Length; i = TakeOpen(function.OpenRegisters, i + 1))
        {
            uint value = await function.Read(_registers[i].Offset, _registers[i].Width);
            _values[i] = value;
        }
    }

    public async KernelCall WriteTo(IPciConfiguration function)
    {
        for (int i = SkipOpen(function.OpenRegisters, 0); i < _registers.Length; i = SkipOpen(function.OpenRegisters, i + 1))
        {
            uint before = _registers[i].DependsOnHardware
                ? await function.Read(_registers[i].Offset, _registers[i].Width)
                : 0;
            if (_registers[i].NeedsWrite(before, _values[i], out uint value))
            {
                await function.Write(_registers[i].Offset, _registers[i].Width, value);
            }
        }
    }

    public void CopyTo(ConfigurationSnapshot target) => _values.CopyTo(target._values, 0);

    public IForkable Fork(ForkContext fork)
    {
        var copy = new ConfigurationSnapshot(_registers);
        fork.Register(this, copy);
        CopyTo(copy);
        return copy;
    }

    public void AddTo(ref StateHash hash)
    {
        foreach (uint value in _values)
        {
            hash.Add(value);
        }
    }

    object IFrameLocal.Fork(ForkContext fork) => fork.Of(this);

    /// <summary>Takes registers as long as a look is enough.</summary>
    /// <returns>The first that has to be read.</returns>
    private int TakeOpen(ReadOnlySpan<byte> open, int from)
    {
        int i = from;
        for (; i < _registers.Length && _registers[i].IsIn(open); i++)
        {
            _values[i] = _registers[i].ReadIn(open);
        }

        return i;
    }

    /// <summary>Passes over registers as long as a look shows that they hold the right value.</summary>
    /// <returns>The first that may have to be written.</returns>
    private int SkipOpen(ReadOnlySpan<byte> open, int from)
    {
        int i = from;
        while (i < _registers.Length
            && _registers[i].SkipsEqual
            && _registers[i].IsIn(open)
            && !_registers[i].NeedsWrite(_registers[i].ReadIn(open), _values[i], out _))
        {
            i++;
        }

        return i;
    }
}
