namespace VfioPm;

/// <summary>
/// What the registers held that are saved of a function (<see cref="SavedRegisters"/>): the header
/// (<c>saved_config_space</c>), and those of capabilities (<c>saved_cap_space</c>).
/// </summary>
internal sealed class ConfigurationSnapshot(SnapshotPlan plan) : IForkable, IFrameLocal
{
    private readonly uint[] _header = new uint[plan.HeaderDwords];
    private readonly uint[] _values = new uint[plan.Registers.Length];

    /// <summary>Those of capabilities.</summary>
    public ReadOnlySpan<SavedRegister> Registers => plan.Registers;

    /// <summary>How many of them are restored before the header is.</summary>
    public int BeforeHeader => plan.BeforeHeader;

    /// <summary>What the header held, dword by dword.</summary>
    public Span<uint> Header => _header;

    /// <summary>What those of capabilities held, one by one.</summary>
    public Span<uint> Values => _values;

    public void CopyTo(ConfigurationSnapshot target)
    {
        _header.CopyTo(target._header, 0);
        _values.CopyTo(target._values, 0);
    }

    public IForkable Fork(ForkContext fork)
    {
        var copy = new ConfigurationSnapshot(plan);
        fork.Register(this, copy);
        CopyTo(copy);
        return copy;
    }

    public void AddTo(ref StateHash hash)
    {
        AddTo(ref hash, _header);
        AddTo(ref hash, _values);
    }

    object IFrameLocal.Fork(ForkContext fork) => fork.Of(this);

    private static void AddTo(ref StateHash hash, uint[] registers)
    {
        foreach (uint register in registers)
        {
            hash.Add(register);
        }
    }
}
