using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// What each bit of a configuration space is: constant, writable, cleared by writing one, what it holds after
/// a reset and which resets it survives. Found once per function and shared by all forks.
/// </summary>
public sealed class ConfigurationLayout
{
    private const int ResetKinds = (int)ResetKind.PowerLoss + 1;

    private readonly byte[] _writable;
    private readonly byte[] _writeOneToClear;
    private readonly byte[] _initial;
    private readonly byte[][] _affectedByReset;
    private readonly List<int> _live = [];

    /// <summary>A space without a bit that software can change, until rules are added.</summary>
    /// <param name="image">What was found: the initial values of registers that have none of their own.</param>
    internal ConfigurationLayout(ReadOnlySpan<byte> image)
    {
        int size = image.Length;
        Size = size;
        _writable = new byte[size];
        _writeOneToClear = new byte[size];
        _initial = image.ToArray();
        _affectedByReset = [.. Enumerable.Range(0, ResetKinds).Select(_ => new byte[size])];
    }

    /// <summary>256 or 4096 bytes.</summary>
    public int Size { get; }

    /// <summary>The bits of a byte that keep what software writes.</summary>
    public byte WritableAt(int offset) => _writable[offset];

    /// <summary>The bits of a byte that software clears by writing ones.</summary>
    public byte WriteOneToClearAt(int offset) => _writeOneToClear[offset];

    /// <summary>The bits of a byte that no write and no reset changes.</summary>
    public byte ReadOnlyAt(int offset) => (byte)~(_writable[offset] | _writeOneToClear[offset]);

    /// <summary>Puts what <paramref name="kind"/> reaches back to its initial values.</summary>
    internal void Reset(Span<byte> bytes, ResetKind kind)
    {
        byte[] affected = _affectedByReset[(int)kind];
        foreach (int offset in _live)
        {
            bytes[offset] = (byte)((bytes[offset] & ~affected[offset]) | (_initial[offset] & affected[offset]));
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

        uint live = rule.Writable | rule.WriteOneToClear;
        Merge(_writable, offset, rule.Width, rule.Writable);
        Merge(_writeOneToClear, offset, rule.Width, rule.WriteOneToClear);
        SetInitial(offset, rule);
        for (int kind = 0; kind < ResetKinds; kind++)
        {
            // ResetSurvival counts from "none", so a register survives every kind below its own number.
            Merge(_affectedByReset[kind], offset, rule.Width, (int)rule.Survival > kind ? 0 : live);
        }

        for (int i = offset; i < offset + rule.Width; i++)
        {
            if (ReadOnlyAt(i) != 0xff && !_live.Contains(i))
            {
                _live.Add(i);
            }
        }
    }

    /// <summary>Makes these the writable bits of a register, whatever earlier rules say.</summary>
    internal void Replace(RegisterRule rule)
    {
        for (int i = 0; i < rule.Width; i++)
        {
            int offset = rule.Offset + i;
            byte writable = (byte)(rule.Writable >> (8 * i));
            byte removed = (byte)(_writable[offset] & ~writable);
            byte added = (byte)(writable & ~_writable[offset]);
            _writable[offset] = writable;
            foreach (byte[] affected in _affectedByReset)
            {
                affected[offset] = (byte)((affected[offset] & ~removed) | added);
            }

            if (added != 0 && !_live.Contains(offset))
            {
                _live.Add(offset);
            }
        }
    }

    private void SetInitial(int offset, RegisterRule rule)
    {
        for (int i = 0; i < rule.Width; i++)
        {
            byte ruled = (byte)((rule.WriteOneToClear | (rule.Initial is null ? 0 : rule.Writable)) >> (8 * i));
            byte value = (byte)((rule.Initial & rule.Writable) >> (8 * i) ?? 0);
            _initial[offset + i] = (byte)((_initial[offset + i] & ~ruled) | value);
        }
    }

    private static void Merge(byte[] bytes, int offset, int width, uint bits)
    {
        Span<byte> little = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(little, bits);
        for (int i = 0; i < width; i++)
        {
            bytes[offset + i] |= little[i];
        }
    }
}
