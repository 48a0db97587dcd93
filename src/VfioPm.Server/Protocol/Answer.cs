using System.Runtime.InteropServices;

namespace VfioPm.Server;

/// <summary>What a command is answered with: the payload of its reply, or an error, which has none.</summary>
/// <param name="Error">The error, or null.</param>
/// <param name="Payload">The payload; empty with an error.</param>
internal readonly record struct Answer(Errno? Error, ReadOnlyMemory<byte> Payload)
{
    /// <summary>It is done, and there is nothing to say.</summary>
    public static Answer Empty { get; } = new(null, default);

    /// <summary>A refusal.</summary>
    public static implicit operator Answer(Errno error) => new(error, default);

    /// <summary>A payload.</summary>
    public static Answer Of(ReadOnlyMemory<byte> payload) => new(null, payload);

    /// <summary>A payload of one structure, and bytes behind it.</summary>
    public static Answer Of<T>(T structure, ReadOnlySpan<byte> data = default)
        where T : unmanaged => Of((byte[])[.. MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in structure)), .. data]);

    /// <summary>The payload, or the error that a kernel function returned.</summary>
    public static Answer After(KernelResult result, ReadOnlyMemory<byte> payload) =>
        result.Errno is { } error ? error : Of(payload);
}
