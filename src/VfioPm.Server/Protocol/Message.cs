using System.Runtime.InteropServices;

namespace VfioPm.Server;

/// <summary>A message as it came. Descriptors that nobody takes are closed with it.</summary>
internal sealed class Message(Header header, ReadOnlyMemory<byte> payload, IReadOnlyList<NativeDescriptor> descriptors)
    : IDisposable
{
    private readonly List<NativeDescriptor> _descriptors = [.. descriptors];

    public Header Header => header;

    /// <summary>What follows the header.</summary>
    public ReadOnlyMemory<byte> Payload => payload;

    /// <summary>How many descriptors came with it that nobody took.</summary>
    public int DescriptorCount => _descriptors.Count;

    /// <summary>The structure that the payload begins with.</summary>
    /// <returns>Whether the payload is long enough.</returns>
    public bool TryRead<T>(out T structure)
        where T : unmanaged => MemoryMarshal.TryRead(payload.Span, out structure);

    /// <summary>What lies behind that structure.</summary>
    public ReadOnlyMemory<byte> After<T>()
        where T : unmanaged => payload[Marshal.SizeOf<T>()..];

    /// <summary>The descriptors, to be closed by whoever takes them.</summary>
    public IReadOnlyList<NativeDescriptor> TakeDescriptors()
    {
        NativeDescriptor[] taken = [.. _descriptors];
        _descriptors.Clear();
        return taken;
    }

    public void Dispose()
    {
        foreach (NativeDescriptor descriptor in TakeDescriptors())
        {
            descriptor.Dispose();
        }
    }
}
