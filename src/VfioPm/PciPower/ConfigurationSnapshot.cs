namespace VfioPm;

/// <summary>What the registers held that are saved of a function (<see cref="SavedRegisters"/>).</summary>
internal sealed class ConfigurationSnapshot(SavedRegister[] registers)
{
    private readonly uint[] _values = new uint[registers.Length];

    public void Take(IConfigurationAccess device)
    {
        for (int i = 0; i < registers.Length; i++)
        {
            _values[i] = device.ReadConfig(registers[i].Offset, registers[i].Width);
        }
    }

    public void WriteTo(IConfigurationAccess device)
    {
        for (int i = 0; i < registers.Length; i++)
        {
            (int offset, int width, uint kept, bool skipsEqual) = registers[i];
            uint before = kept != 0 || skipsEqual ? device.ReadConfig(offset, width) : 0;
            uint value = (before & kept) | (_values[i] & ~kept);
            if (!skipsEqual || value != before)
            {
                device.WriteConfig(offset, width, value);
            }
        }
    }

    public ConfigurationSnapshot Copy()
    {
        var copy = new ConfigurationSnapshot(registers);
        CopyTo(copy);
        return copy;
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
