using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// The kernel's access to a function's vital product data (<c>drivers/pci/vpd.c</c>). Nobody wakes the function for it.
/// </summary>
internal sealed class PciVpd(PciDevice device)
{
    private const byte LargeResource = 0x80;
    private const byte EndTag = 0x0f;

    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(125);

    // How many bytes there are; 0 until that is known, and asked for again by each access until then.
    private int _length;
    private bool _isMissing;

    public void CopyFrom(PciVpd original)
    {
        _length = original._length;
        _isMissing = original._isMissing;
    }

    /// <summary>Reads bytes (<c>pci_read_vpd()</c>).</summary>
    /// <returns>
    /// How many there were: fewer at the end, 0 behind it; -ENODEV without vital product data; -ETIMEDOUT from a function
    /// that does not come to an end.
    /// </returns>
    public KernelResult Read(int position, Span<byte> buffer) =>
        Find() is { } start ? Read(start, position, buffer, _length) : Errno.ENODEV;

    /// <summary>Writes dwords (<c>pci_write_vpd()</c>).</summary>
    /// <returns>How many bytes; -EINVAL behind the end, or for half a dword; and as <see cref="Read(int, Span{byte})"/>.</returns>
    public KernelResult Write(int position, ReadOnlySpan<byte> bytes)
    {
        if (Find() is not { } start)
        {
            return Errno.ENODEV;
        }

        if (((position | bytes.Length) & 3) != 0 || position + bytes.Length > _length)
        {
            return Errno.EINVAL;
        }

        for (int done = 0; done < bytes.Length; done += 4)
        {
            uint data = BinaryPrimitives.ReadUInt32LittleEndian(bytes[done..]);
            device.WriteConfig(start + VpdRegisters.Data, 4, data);
            device.WriteConfig(
                start + VpdRegisters.Address, 2, (uint)(position + done) | VpdRegisters.AddressFlag);
            if (!Wait(start, flag: false))
            {
                return Errno.ETIMEDOUT;
            }
        }

        return bytes.Length;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_length);
        hash.Add(_isMissing);
    }

    /// <summary>
    /// Where the capability begins, or null without (<c>pci_vpd_available()</c>). A memory that cannot be read is there,
    /// with no bytes; one whose first tag makes no sense is not, for ever.
    /// </summary>
    private int? Find()
    {
        if (_isMissing || device.Hardware.Capabilities.Find(CapabilityId.VitalProductData) is not { } capability)
        {
            return null;
        }

        if (_length == 0)
        {
            int? measured = Measure(capability.Offset);
            _isMissing = measured is null;
            _length = measured ?? 0;
        }

        return _isMissing ? null : capability.Offset;
    }

    private KernelResult Read(int start, int position, Span<byte> buffer, int end)
    {
        if (position >= end)
        {
            return 0;
        }

        Span<byte> inside = buffer[..Math.Min(buffer.Length, end - position)];
        for (int done = 0; done < inside.Length;)
        {
            int at = position + done;
            device.WriteConfig(start + VpdRegisters.Address, 2, (uint)at & ~3u);
            if (!Wait(start, flag: true))
            {
                return Errno.ETIMEDOUT;
            }

            uint data = device.ReadConfig(start + VpdRegisters.Data, 4) >> (8 * (at & 3));
            for (int i = at & 3; i < 4 && done < inside.Length; i++, data >>= 8)
            {
                inside[done++] = (byte)data;
            }
        }

        return inside.Length;
    }

    /// <summary>Follows the tags to the one that says that it is the last (<c>pci_vpd_size()</c>).</summary>
    /// <returns>The bytes up to what cannot be read, or makes no sense; null where nothing does.</returns>
    private int? Measure(int start)
    {
        Span<byte> header = stackalloc byte[3];
        int at = 0;
        while (Read(start, at, header[..1], VpdRegisters.AddressableSize).Value == 1)
        {
            byte tag = header[0];
            bool isLarge = (tag & LargeResource) != 0;
            bool isMissing = at == 0 && (tag == 0x00 || tag == 0xff);
            bool isCut = isLarge && Read(start, at + 1, header[1..], VpdRegisters.AddressableSize).Value != 2;
            int size = isLarge ? BinaryPrimitives.ReadUInt16LittleEndian(header[1..]) : tag & 0x07;
            if (isMissing || isCut || at + size > VpdRegisters.AddressableSize)
            {
                return at == 0 ? null : at;
            }

            at += (isLarge ? 3 : 1) + size;
            if (!isLarge && tag >> 3 == EndTag)
            {
                return at;
            }
        }

        return at;
    }

    /// <summary>Looks again and again whether the function is done (<c>pci_vpd_wait()</c>).</summary>
    private bool Wait(int start, bool flag)
    {
        if (IsDone(start, flag))
        {
            return true;
        }

        device.Sleep(Timeout);
        return IsDone(start, flag);
    }

    private bool IsDone(int start, bool flag) =>
        (device.ReadConfig(start + VpdRegisters.Address, 2) & VpdRegisters.AddressFlag) != 0 == flag;
}
