using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary>
/// What the registers held that are saved of a function (<see cref="SavedRegisters"/>): the header
/// (<c>saved_config_space</c>), and those of capabilities (<c>saved_cap_space</c>).
/// </summary>
internal sealed class ConfigurationSnapshot : IForkable, IFrameLocal
{
    /// <summary>How often the same register is written again, and what is waited for in between (<c>mdelay()</c>).</summary>
    public const int Retries = 10;

    /// <inheritdoc cref="Retries"/>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(1);

    private readonly SnapshotPlan _plan;

    // The header, then those of capabilities, four bytes each.
    private SharedBytes _values;

    /// <summary>One that holds nothing yet.</summary>
    public ConfigurationSnapshot(SnapshotPlan plan)
        : this(plan, new SharedBytes(new byte[4 * (plan.HeaderDwords + plan.Registers.Length)]))
    {
    }

    private ConfigurationSnapshot(SnapshotPlan plan, SharedBytes values)
    {
        _plan = plan;
        _values = values;
    }

    /// <summary>Those of capabilities.</summary>
    public ReadOnlySpan<SavedRegister> Registers => _plan.Registers;

    /// <summary>How many of them are restored before the header is.</summary>
    public int BeforeHeader => _plan.BeforeHeader;

    /// <summary>
    /// The dwords of the header that are read back, and written again if they do not hold it: a function's BARs, not a bridge's.
    /// </summary>
    public Range Checked => _plan.Checked;

    /// <summary>Whether a dword of the header is one of those.</summary>
    public bool IsChecked(int dword) => dword >= _plan.Checked.Start.Value && dword < _plan.Checked.End.Value;

    /// <summary>What the header held, dword by dword.</summary>
    public ReadOnlySpan<uint> Header => All[.._plan.HeaderDwords];

    /// <summary>What those of capabilities held, one by one.</summary>
    public ReadOnlySpan<uint> Values => All[_plan.HeaderDwords..];

    private ReadOnlySpan<uint> All => MemoryMarshal.Cast<byte, uint>(_values.All);

    /// <summary>The header to be changed.</summary>
    public Span<uint> ChangeHeader() => Change()[.._plan.HeaderDwords];

    /// <summary>The registers of capabilities to be changed.</summary>
    public Span<uint> ChangeValues() => Change()[_plan.HeaderDwords..];

    /// <summary>Takes down what registers hold, without a cycle on the bus.</summary>
    public void Take(ConfigurationSpace registers)
    {
        registers.Read(0, ChangeHeader());
        registers.Read(Registers, ChangeValues());
    }

    /// <summary>Takes down what is read of who is not there.</summary>
    public void TakeNothing()
    {
        ChangeHeader().Fill(uint.MaxValue);
        Span<uint> values = ChangeValues();
        for (int i = 0; i < Registers.Length; i++)
        {
            if (Registers[i].IsSaved)
            {
                values[i] = uint.MaxValue >> (32 - (8 * Registers[i].Width));
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

    public void CopyTo(ConfigurationSnapshot target) => _values.All.CopyTo(target._values.Change());

    public IForkable Fork(ForkContext fork)
    {
        var copy = new ConfigurationSnapshot(_plan, new SharedBytes(ref _values));
        fork.Register(this, copy);
        return copy;
    }

    public void AddTo(ref StateHash hash) => _values.AddTo(ref hash);

    object IFrameLocal.Fork(ForkContext fork) => fork.Of(this);

    private Span<uint> Change() => MemoryMarshal.Cast<byte, uint>(_values.Change());
}
