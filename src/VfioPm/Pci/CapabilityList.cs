using System.Buffers.Binary;

namespace VfioPm;

/// <summary>A capability in a configuration space.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Id">What it is: a <see cref="CapabilityId"/>, or an <see cref="ExtendedCapabilityId"/>.</param>
/// <param name="IsExtended">Whether it is of the list from 0x100 on.</param>
/// <param name="Version">Its version; 0 for the standard ones, which carry none in common.</param>
public readonly record struct Capability(int Offset, int Id, bool IsExtended, int Version);

/// <summary>What can be wrong with a pointer of a capability list.</summary>
public enum CapabilityFault
{
    /// <summary>It points to a capability that the list has already passed.</summary>
    Loop,

    /// <summary>It points into the header, where no capability can be.</summary>
    PointsIntoHeader,

    /// <summary>It is no multiple of four.</summary>
    Unaligned,

    /// <summary>It points behind the bytes there are.</summary>
    PointsOutside,

    /// <summary>It points to bytes that read all ones: nothing answers there.</summary>
    NoAnswer,
}

/// <summary>Something wrong in a capability list. The list ends there: a wrong pointer is not followed.</summary>
/// <param name="Offset">Where the wrong pointer is.</param>
/// <param name="Target">Where it points.</param>
/// <param name="Fault">What is wrong with it.</param>
public readonly record struct CapabilityFinding(int Offset, int Target, CapabilityFault Fault);

/// <summary>
/// The capabilities of a configuration space, in the order of their lists (PCI Local Bus 3.0, section 6.7;
/// PCI Express Base, section 7.6.3), and what is wrong with these lists.
/// </summary>
public sealed class CapabilityList
{
    private readonly PublishedList<Capability> _items = [];
    private readonly Dictionary<int, Capability> _firstStandard = [];
    private readonly Dictionary<int, Capability> _firstExtended = [];
    private readonly PublishedList<CapabilityFinding> _findings = [];

    private CapabilityList()
    {
    }

    /// <summary>Standard capabilities, then extended ones.</summary>
    public IReadOnlyList<Capability> Items => _items;

    /// <summary>The pointers that were not followed.</summary>
    public IReadOnlyList<CapabilityFinding> Findings => _findings;

    /// <summary>Walks both lists of a configuration space of any length.</summary>
    public static CapabilityList Walk(ReadOnlySpan<byte> space)
    {
        var list = new CapabilityList();
        if (space.Length >= PciRegisters.HeaderSize)
        {
            list.WalkStandard(space);
        }

        if (space.Length > PciRegisters.ConventionalSize)
        {
            list.WalkExtended(space);
        }

        return list;
    }

    /// <summary>The first standard capability of this kind, or null.</summary>
    public Capability? Find(int id) => First(_firstStandard, id);

    /// <summary>The first extended capability of this kind, or null.</summary>
    public Capability? FindExtended(int id) => First(_firstExtended, id);

    private static Capability? First(Dictionary<int, Capability> list, int id) =>
        list.TryGetValue(id, out Capability found) ? found : null;

    private void Add(Capability found)
    {
        _items.Add(found);
        (found.IsExtended ? _firstExtended : _firstStandard).TryAdd(found.Id, found);
    }

    private void WalkStandard(ReadOnlySpan<byte> space)
    {
        int status = BinaryPrimitives.ReadUInt16LittleEndian(space[PciRegisters.Status..]);
        if ((status & PciRegisters.StatusCapabilityList) == 0)
        {
            return;
        }

        int headerType = space[PciRegisters.HeaderType] & PciRegisters.HeaderTypeMask;
        int pointerOffset = headerType == PciRegisters.HeaderTypeCardBus
            ? PciRegisters.CardBusCapabilityPointer
            : PciRegisters.CapabilityPointer;
        ReadOnlySpan<byte> conventional = space[..Math.Min(space.Length, PciRegisters.ConventionalSize)];

        for (int offset = space[pointerOffset]; offset != 0; offset = space[pointerOffset])
        {
            CapabilityFault? fault =
                offset < PciRegisters.HeaderSize ? CapabilityFault.PointsIntoHeader
                : CommonFault(conventional, offset, size: 2, extended: false);
            if (fault is not null)
            {
                _findings.Add(new CapabilityFinding(pointerOffset, offset, fault.Value));
                return;
            }

            Add(new Capability(offset, space[offset], IsExtended: false, Version: 0));
            pointerOffset = offset + 1;
        }
    }

    private void WalkExtended(ReadOnlySpan<byte> space)
    {
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(space[PciRegisters.ConventionalSize..]);
        if (first is 0 or uint.MaxValue)
        {
            // How a space without extended capabilities looks (PCI Express Base, section 7.6.2).
            return;
        }

        int offset = PciRegisters.ConventionalSize;
        int pointerOffset = offset;
        while (offset != 0)
        {
            CapabilityFault? fault =
                offset < PciRegisters.ConventionalSize ? CapabilityFault.PointsIntoHeader
                : CommonFault(space, offset, size: 4, extended: true);
            if (fault is not null)
            {
                _findings.Add(new CapabilityFinding(pointerOffset, offset, fault.Value));
                return;
            }

            uint header = BinaryPrimitives.ReadUInt32LittleEndian(space[offset..]);
            Add(new Capability(offset, (int)(header & 0xffff), true, (int)((header >> 16) & 0xf)));
            pointerOffset = offset + 2;
            offset = (int)(header >> 20);
        }
    }

    private CapabilityFault? CommonFault(ReadOnlySpan<byte> space, int offset, int size, bool extended) =>
        (offset & 3) != 0 ? CapabilityFault.Unaligned
        : offset + size > space.Length ? CapabilityFault.PointsOutside
        : !space.Slice(offset, size).ContainsAnyExcept((byte)0xff) ? CapabilityFault.NoAnswer
        : _items.Exists(item => item.Offset == offset && item.IsExtended == extended) ? CapabilityFault.Loop
        : null;
}
