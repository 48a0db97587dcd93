using System.Buffers.Binary;

namespace VfioPm;

/// <summary>The hashes of states as text: eight bytes each, little-endian, in base64.</summary>
internal static class StateList
{
    public static string Write(IReadOnlyList<ulong> hashes)
    {
        byte[] bytes = new byte[hashes.Count * sizeof(ulong)];
        for (int index = 0; index < hashes.Count; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(index * sizeof(ulong)), hashes[index]);
        }

        return Convert.ToBase64String(bytes);
    }

    /// <exception cref="FormatException">It is no base64.</exception>
    public static IReadOnlyList<ulong> Parse(string? text)
    {
        byte[] bytes = text is null ? [] : Convert.FromBase64String(text);
        ulong[] hashes = new ulong[bytes.Length / sizeof(ulong)];
        for (int index = 0; index < hashes.Length; index++)
        {
            hashes[index] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(index * sizeof(ulong)));
        }

        return hashes;
    }
}
