using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// What a function says of itself: a small memory that keeps its content for ever, behind two registers (PCI Local Bus
/// 3.0, appendix I). A transfer takes no time.
/// </summary>
internal sealed class VitalProductData
{
    private readonly int _start;
    private readonly byte[] _content;
    private readonly bool _completes;

    /// <param name="start">Where the capability begins.</param>
    /// <param name="content">What the memory holds; behind that it reads as zeros.</param>
    /// <param name="completes">Whether transfers come to an end.</param>
    public VitalProductData(int start, ReadOnlySpan<byte> content, bool completes)
    {
        _start = start;
        _content = new byte[(content.Length + 3) & ~3];
        content.CopyTo(_content);
        _completes = completes;
    }

    public VitalProductData(VitalProductData original)
        : this(original._start, original._content, original._completes)
    {
    }

    /// <summary>Where the byte with the flag is.</summary>
    public int FlagOffset => _start + VpdRegisters.Address + 1;

    /// <summary>The content.</summary>
    public ReadOnlySpan<byte> Content => _content;

    /// <summary>Software wrote registers: with the flag among them, a transfer begins.</summary>
    public void Follow(ConfigurationSpace space, int offset, int width)
    {
        if (!_completes || offset > FlagOffset || offset + width <= FlagOffset)
        {
            return;
        }

        uint register = space.Read(_start + VpdRegisters.Address, 2);
        int address = (int)register & ~VpdRegisters.AddressFlag & ~3;
        bool isWrite = (register & VpdRegisters.AddressFlag) != 0;
        Span<byte> dword = address < _content.Length ? _content.AsSpan(address, 4) : [];
        if (!isWrite)
        {
            uint data = dword.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(dword);
            space.Write(_start + VpdRegisters.Data, 4, data);
        }
        else if (!dword.IsEmpty)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(dword, space.Read(_start + VpdRegisters.Data, 4));
        }

        space.SetBits(_start + VpdRegisters.Address, VpdRegisters.AddressFlag, set: !isWrite);
    }

    public void AddTo(ref StateHash hash) => hash.Add(_content);
}
