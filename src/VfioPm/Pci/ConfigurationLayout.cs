using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary>
/// What each bit of a configuration space is: constant, writable, cleared by writing one, what it holds after
/// a reset and which resets it survives. Found once per function and shared by all forks.
/// </summary>
public sealed class ConfigurationLayout
{
    private const int ResetKinds = (int)ResetKind.PowerLoss + 1;

    // By the dword, as the bus transfers it: a narrower register is some lanes of one.
    private readonly uint[] _writable;
    private readonly uint[] _writeOneToClear;
    private readonly uint[] _initial;
    private readonly uint[][] _affectedByReset;

    // The dwords that have a bit that can change.
    private readonly List<int> _live = [];

    /// <summary>A space without a bit that software can change, until rules are added.</summary>
    /// <param name="image">What was found: the initial values of registers that have none of their own.</param>
    internal ConfigurationLayout(ReadOnlySpan<byte> image)
    {
        Size = image.Length;
        int dwords = Size / 4;
        _writable = new uint[dwords];
        _writeOneToClear = new uint[dwords];
        _initial = new uint[dwords];
        for (int dword = 0; dword < dwords; dword++)
        {
            _initial[dword] = BinaryPrimitives.ReadUInt32LittleEndian(image[(4 * dword)..]);
        }

        _affectedByReset = [.. Enumerable.Range(0, ResetKinds).Select(_ => new uint[dwords])];
    }

    /// <summary>256 or 4096 bytes.</summary>
    public int Size { get; }

    /// <summary>The bits of a byte that keep what software writes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    public byte WritableAt(int offset) => ByteOf(_writable, offset);

    /// <summary>The bits of a byte that software clears by writing ones.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    public byte WriteOneToClearAt(int offset) => ByteOf(_writeOneToClear, offset);

    /// <summary>The bits of a byte that no write and no reset changes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    public byte ReadOnlyAt(int offset) => (byte)~(WritableAt(offset) | WriteOneToClearAt(offset));

    /// <summary>How far a register is from the lowest bit of its dword.</summary>
    internal static int ShiftOf(int offset) => 8 * (offset & 3);

    /// <summary>The bits of its dword that an access to a register reaches.</summary>
    internal static uint LanesOf(int offset, int width) => (uint.MaxValue >> (32 - (8 * width))) << ShiftOf(offset);

    /// <summary>What a dword holds after software wrote to some lanes of it.</summary>
    internal uint AfterWrite(int dword, uint before, uint written, uint lanes)
    {
        uint writable = _writable[dword] & lanes;
        uint cleared = _writeOneToClear[dword] & lanes & written;
        return (before & ~(writable | cleared)) | (written & writable);
    }

    /// <summary>Puts what <paramref name="kind"/> reaches back to its initial values.</summary>
    internal void Reset(Span<byte> bytes, ResetKind kind)
    {
        uint[] affected = _affectedByReset[(int)kind];
        foreach (int dword in CollectionsMarshal.AsSpan(_live))
        {
            Span<byte> register = bytes.Slice(4 * dword, 4);
            uint kept = BinaryPrimitives.ReadUInt32LittleEndian(register) & ~affected[dword];
            BinaryPrimitives.WriteUInt32LittleEndian(register, kept | (_initial[dword] & affected[dword]));
        }
    }

    internal void Add(int start, IReadOnlyList<RegisterRule> rules)
    {
        foreach (RegisterRule rule in rules)
        {
            Add(start, rule);
        }
    }

    internal void Add(int start, RegisterRule rule)
    {
        int offset = start + rule.Offset;
        if (offset + rule.Width > Size)
        {
            // A broken chain can put a capability right before the end.
            return;
        }

        int dword = offset / 4;
        int shift = ShiftOf(offset);
        uint live = (rule.Writable | rule.WriteOneToClear) << shift;
        _writable[dword] |= rule.Writable << shift;
        _writeOneToClear[dword] |= rule.WriteOneToClear << shift;
        uint ruled = rule.WriteOneToClear | (rule.Initial is null ? 0 : rule.Writable);
        uint initial = (rule.Initial ?? 0) & rule.Writable;
        _initial[dword] = (_initial[dword] & ~(ruled << shift)) | (initial << shift);
        for (int kind = 0; kind < ResetKinds; kind++)
        {
            // ResetSurvival counts from "none", so a register survives every kind below its own number.
            _affectedByReset[kind][dword] |= (int)rule.Survival > kind ? 0 : live;
        }

        AddLive(dword, live);
    }

    /// <summary>Makes these the writable bits of a register, whatever earlier rules say.</summary>
    internal void Replace(RegisterRule rule)
    {
        int dword = rule.Offset / 4;
        uint lanes = LanesOf(rule.Offset, rule.Width);
        uint writable = (rule.Writable << ShiftOf(rule.Offset)) & lanes;
        uint removed = _writable[dword] & lanes & ~writable;
        uint added = writable & ~_writable[dword];
        _writable[dword] = (_writable[dword] & ~removed) | added;
        foreach (uint[] affected in _affectedByReset)
        {
            affected[dword] = (affected[dword] & ~removed) | added;
        }

        AddLive(dword, added);
    }

    /// <summary>No reset touches a register, whatever earlier rules say.</summary>
    internal void Keep(int offset, int width)
    {
        foreach (uint[] affected in _affectedByReset)
        {
            affected[offset / 4] &= ~LanesOf(offset, width);
        }
    }

    private byte ByteOf(uint[] bits, int offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Size);
        return (byte)(bits[offset / 4] >> ShiftOf(offset));
    }

    private void AddLive(int dword, uint bits)
    {
        if (bits != 0 && !_live.Contains(dword))
        {
            _live.Add(dword);
        }
    }
}
