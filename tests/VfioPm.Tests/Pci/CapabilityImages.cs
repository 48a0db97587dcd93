using System.Buffers.Binary;

namespace VfioPm.Tests;

/// <summary>Functions with a capability that the emulator's have not.</summary>
internal static class CapabilityImages
{
    /// <summary>Where the added capability is; the rest of the space is empty from there on.</summary>
    public const int Extended = 0x200;

    /// <summary>Where an added standard capability is, in a function that has none there.</summary>
    public const int Standard = 0x40;

    /// <summary>Adds an extended capability at the end of the list.</summary>
    /// <param name="image">To which function.</param>
    /// <param name="id">Which capability.</param>
    /// <param name="dwords">What its registers hold, by offset from its beginning.</param>
    public static DeviceImage WithExtended(this DeviceImage image, int id, params (int Offset, uint Value)[] dwords)
    {
        byte[] bytes = [.. image.Bytes.Span];
        int last = CapabilityList.Walk(bytes).Items.Where(static item => item.IsExtended).Max(static item => item.Offset);
        Write(bytes, last, Read(bytes, last) | (Extended << 20));
        Write(bytes, Extended, (uint)id | (1 << 16));
        foreach ((int offset, uint value) in dwords)
        {
            Write(bytes, Extended + offset, value);
        }

        return image.WithBytes(bytes);
    }

    /// <summary>Adds a standard capability at the head of the list, all zeros.</summary>
    public static DeviceImage WithStandard(this DeviceImage image, int id)
    {
        byte[] bytes = [.. image.Bytes.Span];
        bytes[Standard] = (byte)id;
        bytes[Standard + 1] = bytes[PciRegisters.CapabilityPointer];
        bytes[PciRegisters.CapabilityPointer] = Standard;
        return image.WithBytes(bytes);
    }

    private static uint Read(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset));

    private static void Write(byte[] bytes, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
}
