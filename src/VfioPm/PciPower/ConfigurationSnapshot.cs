namespace VfioPm;

/// <summary>
/// What the registers held that are saved of a function (<see cref="SavedRegisters"/>): the header
/// (<c>saved_config_space</c>), and those of capabilities (<c>saved_cap_space</c>).
/// </summary>
internal sealed class ConfigurationSnapshot(SnapshotPlan plan) : IForkable, IFrameLocal
{
    // The header, then those of capabilities.
    private readonly uint[] _values = new uint[plan.HeaderDwords + plan.Registers.Length];

    /// <summary>Those of capabilities.</summary>
    public ReadOnlySpan<SavedRegister> Registers => plan.Registers;

    /// <summary>How many of them are restored before the header is.</summary>
    public int BeforeHeader => plan.BeforeHeader;

    /// <summary>What the header held, dword by dword.</summary>
    public Span<uint> Header => _values.AsSpan(0, plan.HeaderDwords);

    /// <summary>What those of capabilities held, one by one.</summary>
    public Span<uint> Values => _values.AsSpan(plan.HeaderDwords);

    public void CopyTo(ConfigurationSnapshot target) => _values.CopyTo(target._values, 0);

    public IForkable Fork(ForkContext fork)
    {
        var copy = new ConfigurationSnapshot(plan);
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
}
