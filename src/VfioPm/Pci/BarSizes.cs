using System.Numerics;

namespace VfioPm;

/// <summary>What is known of the sizes of a function's BARs, the expansion ROM's among them. Immutable.</summary>
internal sealed class BarSizes
{
    private const int Count = Bar.RomIndex + 1;

    private readonly ulong?[] _sizes;

    private BarSizes(ulong?[] sizes) => _sizes = sizes;

    /// <summary>Nothing is known.</summary>
    public static BarSizes Unknown { get; } = new(new ulong?[Count]);

    /// <summary>The size in bytes, 0 for "there is none", null for "not known".</summary>
    public ulong? this[int bar] => _sizes[bar];

    /// <summary>These sizes and one more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such BAR, or it cannot have this size.</exception>
    public BarSizes With(int bar, ulong size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bar);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bar, Count);
        if (size != 0 && !BitOperations.IsPow2(size))
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, $"The size of BAR {bar} is no power of two.");
        }

        ulong?[] sizes = [.. _sizes];
        sizes[bar] = size;
        return new BarSizes(sizes);
    }
}
