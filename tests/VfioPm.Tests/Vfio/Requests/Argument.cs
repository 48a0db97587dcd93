using System.Buffers.Binary;

namespace VfioPm.Tests;

/// <summary>The memory behind an ioctl's pointer, word by word as linux/vfio.h has it.</summary>
internal static class Argument
{
    public const byte Untouched = 0xee;

    /// <summary>These words, and behind them so many bytes that tell who writes there.</summary>
    public static byte[] Of(uint[] words, int room = 0)
    {
        byte[] bytes = new byte[(words.Length * sizeof(uint)) + room];
        bytes.AsSpan().Fill(Untouched);
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), words[i]);
        }

        return bytes;
    }

    public static uint[] WordsOf(ReadOnlySpan<byte> bytes)
    {
        var words = new uint[bytes.Length / sizeof(uint)];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * sizeof(uint))..]);
        }

        return words;
    }

    public static KernelResult Ioctl(this VfioDeviceFile file, VfioIoctl number, byte[] argument) =>
        file.Ioctl((uint)number, argument);

    public static KernelResult Ioctl(this VfioDeviceFile file, VfioIoctl number, params uint[] words) =>
        file.Ioctl(number, Of(words));
}
