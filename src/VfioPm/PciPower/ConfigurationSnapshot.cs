namespace VfioPm;

/// <summary>What the registers held that are saved of a function (<see cref="SavedRegisters"/>).</summary>
internal sealed class ConfigurationSnapshot(SavedRegister[] registers) : IForkable, IFrameLocal
{
    private readonly uint[] _values = new uint[registers.Length];

    /// <summary>Which those are, in the order of saving and restoring.</summary>
    public ReadOnlySpan<SavedRegister> Registers => registers;

    /// <summary>What they held, one by one.</summary>
    public Span<uint> Values => _values;

    public void CopyTo(ConfigurationSnapshot target) => _values.CopyTo(target._values, 0);

    public IForkable Fork(ForkContext fork)
    {
        var copy = new ConfigurationSnapshot(registers);
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
