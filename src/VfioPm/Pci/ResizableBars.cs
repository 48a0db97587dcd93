using System.Buffers.Binary;
using System.Numerics;

namespace VfioPm;

/// <summary>
/// The BARs whose size software chooses (PCI Express Base, section 7.8.6): the BAR has the size that its control register says, and a
/// reset brings back the device's own.
/// </summary>
internal sealed class ResizableBars
{
    /// <summary>The size in a control register.</summary>
    public const uint SizeMask = 0x3f00;

    /// <summary>The smallest size there is, as a power of two.</summary>
    public const int Megabyte = 20;

    private const int SizeShift = 8;

    private readonly Entry[] _entries;

    private ResizableBars(Entry[] entries) => _entries = entries;

    /// <summary>The registers at which a write may change a BAR: the control registers and the BARs themselves.</summary>
    public IEnumerable<int> Watched(IReadOnlyList<Bar> bars) => _entries
        .Select(static entry => entry.Control)
        .Concat(bars.Where(bar => Array.Exists(_entries, entry => entry.Bar == bar.Index)).SelectMany(RegistersOf));

    /// <summary>Those of a function, or null for one without.</summary>
    public static ResizableBars? Find(ReadOnlySpan<byte> space, CapabilityList capabilities)
    {
        if (capabilities.FindExtended(ExtendedCapabilityId.ResizableBar) is not { Offset: int start }
            || start + 0x0c > space.Length)
        {
            return null;
        }

        int count = Math.Min((int)((Dword(space, start + 0x08) >> 5) & 0x7), (space.Length - start - 4) / 8);
        var entries = new Entry[count];
        for (int i = 0; i < count; i++)
        {
            int control = start + 0x08 + (8 * i);
            entries[i] = new Entry(control, (int)(Dword(space, control) & 0x7), SmallestIn(space, control));
        }

        return new ResizableBars(entries);
    }

    /// <summary>A control register with another size, a power of two from 1 MB on.</summary>
    public static uint WithSize(uint control, ulong size) => (control & ~SizeMask) | FieldFor(size);

    /// <summary>The field of a control register for a size.</summary>
    public static uint FieldFor(ulong size) => (uint)Math.Max(0, BitOperations.Log2(size) - Megabyte) << SizeShift;

    /// <summary>What the device comes up with, unless it is known better: the smallest size that it has.</summary>
    public uint DefaultFieldAt(int control) =>
        FieldFor(Array.Find(_entries, entry => entry.Control == control).Smallest);

    /// <summary>The BAR as small as it can become: what its register has to have bits for.</summary>
    public Bar AsSmallAsPossible(Bar bar)
    {
        Entry entry = Array.Find(_entries, entry => entry.Bar == bar.Index);
        return entry.Control != 0 && entry.Smallest < bar.Size ? bar with { Size = entry.Smallest } : bar;
    }

    /// <summary>Gives the BARs the sizes that the control registers say now.</summary>
    /// <returns>The same list if nothing changed.</returns>
    public IReadOnlyList<Bar> Follow(ConfigurationSpace space, IReadOnlyList<Bar> bars)
    {
        IReadOnlyList<Bar> now = bars;
        foreach (Entry entry in _entries)
        {
            ulong size = 1UL << (Megabyte + (int)((space.Read(entry.Control, 4) & SizeMask) >> SizeShift));
            Bar? bar = now.FirstOrDefault(bar => bar.Index == entry.Bar);
            if (bar is not null && bar.Size != size)
            {
                now = [.. now.Select(other => other == bar ? bar with { Size = size } : other)];
            }
        }

        return now;
    }

    /// <summary>Whether a BAR is one of them.</summary>
    public bool Has(Bar bar) => Array.Exists(_entries, entry => entry.Bar == bar.Index);

    private static IEnumerable<int> RegistersOf(Bar bar) => bar.Is64Bit ? [bar.Register, bar.Register + 4] : [bar.Register];

    private static ulong SmallestIn(ReadOnlySpan<byte> space, int control)
    {
        uint sizes = Dword(space, control - 4) >> 4;
        uint larger = Dword(space, control) >> 16;
        int power = sizes != 0 ? BitOperations.TrailingZeroCount(sizes)
            : larger != 0 ? 28 + BitOperations.TrailingZeroCount(larger)
            : 0;
        return 1UL << (Megabyte + power);
    }

    private static uint Dword(ReadOnlySpan<byte> space, int offset) =>
        offset + 4 <= space.Length ? BinaryPrimitives.ReadUInt32LittleEndian(space[offset..]) : 0;

    /// <param name="Control">Where the control register is.</param>
    /// <param name="Bar">The BAR that it is for.</param>
    /// <param name="Smallest">The smallest size that it can have.</param>
    private readonly record struct Entry(int Control, int Bar, ulong Smallest);
}
