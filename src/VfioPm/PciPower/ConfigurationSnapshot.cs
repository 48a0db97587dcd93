namespace VfioPm;

/// <summary>What the registers held that are saved of a function (<see cref="SavedRegisters"/>).</summary>
internal sealed class ConfigurationSnapshot(SavedRegister[] registers)
{
    private readonly SavedRegister[] _registers = registers;
    private readonly uint[] _values = new uint[registers.Length];

    /// <summary>A copy for a fork.</summary>
    public ConfigurationSnapshot(ConfigurationSnapshot original)
        : this(original._registers) => original.CopyTo(this);

    public IReadOnlyList<SavedRegister> Registers => _registers;

    /// <summary>What a register held.</summary>
    public uint this[int register]
    {
        set => _values[register] = value;
    }

    public void Take(IConfigurationAccess device)
    {
        for (int i = 0; i < _registers.Length; i++)
        {
            _values[i] = device.ReadConfig(_registers[i].Offset, _registers[i].Width);
        }
    }

    public void WriteTo(IConfigurationAccess device)
    {
        for (int i = 0; i < _registers.Length; i++)
        {
            SavedRegister register = _registers[i];
            uint before = register.DependsOnHardware ? device.ReadConfig(register.Offset, register.Width) : 0;
            if (NeedsWrite(i, before, out uint value))
            {
                device.WriteConfig(register.Offset, register.Width, value);
            }
        }
    }

    /// <summary>Whether a register is written that holds something now.</summary>
    /// <param name="register">Which.</param>
    /// <param name="before">What it holds, where <see cref="SavedRegister.DependsOnHardware"/> says that it matters.</param>
    /// <param name="value">What is written.</param>
    public bool NeedsWrite(int register, uint before, out uint value)
    {
        (_, _, uint kept, bool skipsEqual) = _registers[register];
        value = (before & kept) | (_values[register] & ~kept);
        return !skipsEqual || value != before;
    }

    public void CopyTo(ConfigurationSnapshot target) => _values.CopyTo(target._values, 0);

    public void AddTo(ref StateHash hash)
    {
        foreach (uint value in _values)
        {
            hash.Add(value);
        }
    }
}
