using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary>
/// The bytes of a configuration space, of 256 or 4096. Of the extended ones few ever change, the first: functions of one image have them in
/// common, and each has but those up to the last that changed. A field of whoever has them.
/// </summary>
internal struct SpaceBytes
{
    // So that those that change one by one are not copied each time.
    private const int Step = 64;

    private static readonly byte[] NoExtended = new byte[PciRegisters.ExtendedSize - PciRegisters.ConventionalSize];

    private SharedBytes _conventional;
    private SharedBytes _extended;
    private SharedBytes _own;

    /// <summary>These bytes; a short block is taken as it is.</summary>
    public SpaceBytes(byte[] bytes)
    {
        bool isShort = bytes.Length <= PciRegisters.ConventionalSize;
        _conventional = new SharedBytes(isShort ? bytes : bytes[..PciRegisters.ConventionalSize]);
        _extended = new SharedBytes(isShort ? [] : bytes[PciRegisters.ConventionalSize..]);
        _own = new SharedBytes([]);
    }

    /// <summary>So many, of zero.</summary>
    public SpaceBytes(int size)
    {
        bool isShort = size <= PciRegisters.ConventionalSize;
        _conventional = new SharedBytes(new byte[isShort ? size : PciRegisters.ConventionalSize]);
        _extended = SharedBytes.Of(isShort ? [] : NoExtended);
        _own = new SharedBytes([]);
    }

    /// <summary>The same bytes for somebody else: a fork, or another function of an image.</summary>
    public SpaceBytes(ref SpaceBytes original)
    {
        _conventional = new SharedBytes(ref original._conventional);
        _extended = new SharedBytes(ref original._extended);
        _own = new SharedBytes(ref original._own);
    }

    public readonly int Length => _conventional.Length + _extended.Length;

    // The extended ones up to the last dword that is not as it was at first: what is so again is the same as if it had never changed.
    private readonly ReadOnlySpan<byte> Changed
    {
        get
        {
            ReadOnlySpan<uint> own = MemoryMarshal.Cast<byte, uint>(_own.All);
            ReadOnlySpan<uint> found = MemoryMarshal.Cast<byte, uint>(_extended.All);
            int dwords = own.Length;
            while (dwords > 0 && own[dwords - 1] == found[dwords - 1])
            {
                dwords--;
            }

            return _own.All[..(4 * dwords)];
        }
    }

    /// <summary>The first 256.</summary>
    public readonly ReadOnlySpan<byte> Conventional => _conventional.All;

    /// <summary>The same to be changed.</summary>
    public Span<byte> ChangeConventional() => _conventional.Change();

    public readonly uint ReadDword(int dword) => dword < PciRegisters.ConventionalSize / 4
        ? BinaryPrimitives.ReadUInt32LittleEndian(_conventional.All[(4 * dword)..])
        : ReadExtended((4 * dword) - PciRegisters.ConventionalSize);

    /// <returns>Whether it held something else.</returns>
    public bool WriteDword(int dword, uint value)
    {
        if (ReadDword(dword) == value)
        {
            return false;
        }

        if (dword < PciRegisters.ConventionalSize / 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_conventional.Change()[(4 * dword)..], value);
        }
        else
        {
            WriteExtended((4 * dword) - PciRegisters.ConventionalSize, value);
        }

        return true;
    }

    public readonly byte ReadByte(int offset) => offset < PciRegisters.ConventionalSize
        ? _conventional.All[offset]
        : (byte)(ReadDword(offset / 4) >> (8 * (offset % 4)));

    public void WriteByte(int offset, byte value)
    {
        if (offset >= PciRegisters.ConventionalSize)
        {
            int shift = 8 * (offset % 4);
            WriteDword(offset / 4, (ReadDword(offset / 4) & ~(0xffu << shift)) | ((uint)value << shift));
        }
        else if (_conventional.All[offset] != value)
        {
            _conventional.Change()[offset] = value;
        }
    }

    /// <summary>The extended ones that changed are kept in common with others that hold the same.</summary>
    public void ShareExtended(CommonArrays common) => _own = SharedBytes.Of(common.For(Changed));

    public readonly byte[] ToArray() => [.. _conventional.All, .. _own.All, .. _extended.All[_own.Length..]];

    public void AddTo(ref StateHash hash)
    {
        _conventional.AddTo(ref hash);
        _extended.AddTo(ref hash);
        ReadOnlySpan<byte> changed = Changed;
        if (changed.Length == _own.Length)
        {
            _own.AddTo(ref hash);
        }
        else
        {
            new SharedBytes(changed.ToArray()).AddTo(ref hash);
        }
    }

    private readonly uint ReadExtended(int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian((offset < _own.Length ? _own.All : _extended.All)[offset..]);

    private void WriteExtended(int offset, uint value)
    {
        if (offset >= _own.Length)
        {
            int end = Math.Min((offset / Step * Step) + Step, _extended.Length);
            _own = new SharedBytes([.. _own.All, .. _extended.All[_own.Length..end]]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_own.Change()[offset..], value);
    }
}
