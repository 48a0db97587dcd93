using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// What each bit of a configuration space is: constant, writable, cleared by writing one, what it holds after
/// a reset and which resets it survives. Found once per function and shared by all forks.
/// </summary>
public sealed class ConfigurationLayout
{
    private const int ResetKinds = (int)ResetKind.PowerLoss + 1;

    private SpaceBytes _found;

    // By the dword, as the bus transfers it: a narrower register is some lanes of one.
    private readonly DwordBits[] _bits;
    private readonly uint[] _initial;
    private readonly uint[][] _affectedByReset;

    // The dwords that have a bit that can change, and what resets do to them: found out when all rules were added.
    private readonly List<int> _live = [];
    private readonly DwordReset[]?[] _resets = new DwordReset[ResetKinds][];

    /// <summary>A space without a bit that software can change, until rules are added.</summary>
    /// <param name="image">What was found, which nobody changes: the initial values of registers that have none of their own.</param>
    internal ConfigurationLayout(byte[] image)
    {
        _found = new SpaceBytes(image);
        Size = image.Length;
        int dwords = Size / 4;
        _bits = new DwordBits[dwords];
        _initial = new uint[dwords];
        for (int dword = 0; dword < dwords; dword++)
        {
            _initial[dword] = _found.ReadDword(dword);
        }

        _affectedByReset = [.. Enumerable.Range(0, ResetKinds).Select(_ => new uint[dwords])];
    }

    /// <summary>256 or 4096 bytes.</summary>
    public int Size { get; }

    /// <summary>What was found, which the registers hold at first.</summary>
    internal SpaceBytes Found => new(ref _found);

    /// <summary>What is found of functions with this layout.</summary>
    internal CommonArrays Common { get; } = new();

    /// <summary>The bits of a byte that keep what software writes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    public byte WritableAt(int offset) => ByteOf(offset, static bits => bits.Writable);

    /// <summary>The bits of a byte that software clears by writing ones.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    public byte WriteOneToClearAt(int offset) => ByteOf(offset, static bits => bits.WriteOneToClear);

    /// <summary>The bits of a byte that no write and no reset changes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such byte.</exception>
    public byte ReadOnlyAt(int offset) => (byte)~(WritableAt(offset) | WriteOneToClearAt(offset));

    /// <summary>The dword that a register is in.</summary>
    internal static int DwordOf(int offset) => offset >> 2;

    /// <summary>How far a register is from the lowest bit of its dword.</summary>
    internal static int ShiftOf(int offset) => 8 * (offset & 3);

    /// <summary>The bits of its dword that an access to a register reaches.</summary>
    internal static uint LanesOf(int offset, int width) => (uint.MaxValue >> (32 - (8 * width))) << ShiftOf(offset);

    /// <summary>What a dword holds after software wrote to some lanes of it.</summary>
    internal uint AfterWrite(int dword, uint before, uint written, uint lanes)
    {
        ref readonly DwordBits bits = ref _bits[dword];
        uint writable = bits.Writable & lanes;
        uint cleared = bits.WriteOneToClear & lanes & written;
        return (before & ~(writable | cleared)) | (written & writable);
    }

    /// <summary>Puts what <paramref name="kind"/> reaches back to its initial values.</summary>
    internal void Reset(ref SpaceBytes bytes, ResetKind kind)
    {
        Span<byte> conventional = bytes.ChangeConventional();
        foreach (DwordReset reset in _resets[(int)kind] ??= [.. FindResets(_affectedByReset[(int)kind])])
        {
            if (reset.Dword >= PciRegisters.ConventionalSize / 4)
            {
                bytes.WriteDword(reset.Dword, (bytes.ReadDword(reset.Dword) & reset.Kept) | reset.Initial);
                continue;
            }

            Span<byte> register = conventional.Slice(4 * reset.Dword, 4);
            uint before = BinaryPrimitives.ReadUInt32LittleEndian(register);
            BinaryPrimitives.WriteUInt32LittleEndian(register, (before & reset.Kept) | reset.Initial);
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

        int dword = DwordOf(offset);
        int shift = ShiftOf(offset);
        uint live = (rule.Writable | rule.WriteOneToClear) << shift;
        ref DwordBits bits = ref _bits[dword];
        bits.Writable |= rule.Writable << shift;
        bits.WriteOneToClear |= rule.WriteOneToClear << shift;
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
        int dword = DwordOf(rule.Offset);
        uint lanes = LanesOf(rule.Offset, rule.Width);
        uint writable = (rule.Writable << ShiftOf(rule.Offset)) & lanes;
        ref uint bits = ref _bits[dword].Writable;
        uint removed = bits & lanes & ~writable;
        uint added = writable & ~bits;
        bits = (bits & ~removed) | added;
        foreach (uint[] affected in _affectedByReset)
        {
            affected[dword] = (affected[dword] & ~removed) | added;
        }

        AddLive(dword, added);
    }

    /// <summary>No reset touches a register, whatever earlier rules say.</summary>
    internal void Keep(int offset, int width)
    {
        if (offset + width > Size)
        {
            return;
        }

        foreach (uint[] affected in _affectedByReset)
        {
            affected[DwordOf(offset)] &= ~LanesOf(offset, width);
        }
    }

    private IEnumerable<DwordReset> FindResets(uint[] affected) => _live
        .Where(dword => affected[dword] != 0)
        .Select(dword => new DwordReset(dword, ~affected[dword], _initial[dword] & affected[dword]));

    private byte ByteOf(int offset, Func<DwordBits, uint> some)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Size);
        return (byte)(some(_bits[DwordOf(offset)]) >> ShiftOf(offset));
    }

    private void AddLive(int dword, uint bits)
    {
        if (bits != 0 && !_live.Contains(dword))
        {
            _live.Add(dword);
        }
    }

    /// <summary>What software can do to the bits of a dword.</summary>
    private struct DwordBits
    {
        public uint Writable;
        public uint WriteOneToClear;
    }

    /// <summary>What a reset does to a dword.</summary>
    /// <param name="Dword">Which.</param>
    /// <param name="Kept">The bits that survive it.</param>
    /// <param name="Initial">What the others hold afterwards.</param>
    private readonly record struct DwordReset(int Dword, uint Kept, uint Initial);
}
