namespace VfioPm;

/// <summary>
/// A BAR as the host assigned it (<c>struct resource</c>); the default value is a BAR that is not there.
/// </summary>
/// <param name="Start">Its address, 0 if unassigned.</param>
/// <param name="Length">Bytes, a power of two.</param>
/// <param name="KindBits">The read-only low bits of its register (PCI Local Bus 3.0, section 6.2.5.1).</param>
internal readonly record struct BarResource(ulong Start, ulong Length, uint KindBits);

/// <summary>
/// A function's BARs and ROM as the kernel took them down when it found the function. They stay what they are
/// when a reset or a loss of power clears the registers.
/// </summary>
internal sealed class BarResources
{
    private readonly BarResource[] _resources;

    /// <summary>Takes them down from the function's registers now.</summary>
    public BarResources(PciFunction function)
        : this(function, function.Bars)
    {
    }

    /// <summary>Takes their places down; how large they are the kernel knows from when it found the function.</summary>
    public BarResources(PciFunction function, IReadOnlyList<Bar> found)
    {
        Span<BarResource> resources = stackalloc BarResource[Bar.RomIndex + 1];
        resources.Clear();
        foreach (Bar bar in found)
        {
            resources[bar.Index] =
                new BarResource(function.AddressOf(bar), bar.Size, KindBitsOf(bar));
        }

        _resources = function.Configuration.Layout.Common.For<BarResource>(resources);
    }

    /// <summary>BAR 0 to 5, or the ROM (<see cref="Bar.RomIndex"/>).</summary>
    public BarResource this[int index] => _resources[index];

    /// <summary>Where they are; how large, and of which kind, is the function's.</summary>
    public void AddTo(ref StateHash hash)
    {
        foreach (BarResource resource in _resources)
        {
            hash.Add((long)resource.Start);
        }
    }

    // vfio_generate_bar_flags()
    private static uint KindBitsOf(Bar bar) =>
        bar.IsIo ? 0x1u : (bar.Is64Bit ? 0x4u : 0) | (bar.Prefetchable ? 0x8u : 0);
}
