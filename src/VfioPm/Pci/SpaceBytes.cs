using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// The bytes of a configuration space, of 256 or 4096. Of the extended ones few ever change, the first: functions of one image have them in
/// common, and each has but those up to the last that changed. A field of whoever has them.
/// </summary>
internal struct SpaceBytes
{
    // So that those that change one by one are not copied each time.
    private const int Step = 64;

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

    /// <summary>The same bytes for somebody else: a fork, or another function of an image.</summary>
    public SpaceBytes(ref SpaceBytes original)
    {
        _conventional = new SharedBytes(ref original._conventional);
        _extended = new SharedBytes(ref original._extended);
        _own = new SharedBytes(ref original._own);
    }

    public readonly int Length => _conventional.Length + _extended.Length;

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

    /// <summary>What they hold is what the extended ones held at first, in common with others that held the same.</summary>
    public void ShareExtended(CommonArrays common)
    {
        _extended = SharedBytes.Of(common.For<byte>(ToArray().AsSpan(_conventional.Length)));
        _own = new SharedBytes([]);
    }

    public readonly byte[] ToArray()
    {
        byte[] bytes = new byte[Length];
        for (int offset = 0; offset < bytes.Length; offset++)
        {
            bytes[offset] = ReadByte(offset);
        }

        return bytes;
    }

    public void AddTo(ref StateHash hash)
    {
        _conventional.AddTo(ref hash);
        _extended.AddTo(ref hash);

        // What is as it was at first again is the same as if it had never changed.
        ReadOnlySpan<byte> changed = _own.All;
        while (changed.Length > 0 && changed[^1] == _extended.All[changed.Length - 1])
        {
            changed = changed[..^1];
        }

        hash.Add(changed);
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
