namespace VfioPm;

/// <summary>
/// What the registers held that are saved of a function (<see cref="SavedRegisters"/>): the header
/// (<c>saved_config_space</c>), and those of capabilities (<c>saved_cap_space</c>).
/// </summary>
internal sealed class ConfigurationSnapshot(SnapshotPlan plan) : IForkable, IFrameLocal
{
    /// <summary>How often the same register is written again, and what is waited for in between (<c>mdelay()</c>).</summary>
    public const int Retries = 10;

    /// <inheritdoc cref="Retries"/>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(1);

    // The header, then those of capabilities.
    private readonly uint[] _values = new uint[plan.HeaderDwords + plan.Registers.Length];

    /// <summary>Those of capabilities.</summary>
    public ReadOnlySpan<SavedRegister> Registers => plan.Registers;

    /// <summary>How many of them are restored before the header is.</summary>
    public int BeforeHeader => plan.BeforeHeader;

    /// <summary>
    /// The dwords of the header that are read back, and written again if they do not hold it: a function's BARs, not a bridge's.
    /// </summary>
    public Range Checked => plan.Checked;

    /// <summary>Whether a dword of the header is one of those.</summary>
    public bool IsChecked(int dword) => dword >= plan.Checked.Start.Value && dword < plan.Checked.End.Value;

    /// <summary>What the header held, dword by dword.</summary>
    public Span<uint> Header => _values.AsSpan(0, plan.HeaderDwords);

    /// <summary>What those of capabilities held, one by one.</summary>
    public Span<uint> Values => _values.AsSpan(plan.HeaderDwords);

    /// <summary>Takes down what registers hold, without a cycle on the bus.</summary>
    public void Take(ConfigurationSpace registers)
    {
        registers.Read(0, Header);
        registers.Read(Registers, Values);
    }

    /// <summary>Takes down what is read of who is not there.</summary>
    public void TakeNothing()
    {
        Header.Fill(uint.MaxValue);
        for (int i = 0; i < Registers.Length; i++)
        {
            if (Registers[i].IsSaved)
            {
                Values[i] = uint.MaxValue >> (32 - (8 * Registers[i].Width));
            }
        }
    }

    /// <summary>The last of the first dwords that is checked, and reads as something else of who is not there; -1 if none does.</summary>
    public int LastMissing(int count)
    {
        int dword = count - 1;
        while (dword >= 0 && (!IsChecked(dword) || Header[dword] == uint.MaxValue))
        {
            dword--;
        }

        return dword;
    }

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
