namespace VfioPm;

/// <summary>
/// Walks the function's chains of capabilities when the device is opened, maps each, fills the virtual copy and
/// takes the hidden ones out of the chain (<c>vfio_cap_init()</c>, <c>vfio_ecap_init()</c>). A malformed chain is
/// followed as far as the kernel does: no further than there could be capabilities.
/// </summary>
internal sealed class CapabilityChains(
    CapabilityReader function, ConfigurationRules rules, CapabilityMap map, ConfigurationBytes copy)
{
    /// <summary>The link to the next capability, from a standard capability's start.</summary>
    public const int Link = 1;

    // An ID, a link and two bytes more; an extended capability's header.
    private const int ShortestCapability = 4;

    private readonly List<CapabilityNotice> _notices = [];
    private bool _hasMsi;
    private bool _hasExtendedSpace;

    public IReadOnlyList<CapabilityNotice> Notices => _notices.AsReadOnly();

    /// <returns>The error of a read that a malformed chain led to.</returns>
    public int Map()
    {
        MapStandard();
        if (_hasExtendedSpace && function.Result >= 0)
        {
            MapExtended();
        }

        return function.Result;
    }

    /// <summary>Copies registers from the function into the virtual copy (<c>vfio_fill_vconfig_bytes()</c>).</summary>
    public void Fill(int start, int length)
    {
        int end = Math.Min(start + length, map.Size);
        for (int offset = start; offset < end;)
        {
            int left = end - offset;
            int width = left >= 4 && offset % 4 == 0 ? 4 : left >= 2 && offset % 2 == 0 ? 2 : 1;
            copy[offset, width] = function.Read(offset, width);
            offset += width;
        }
    }

    private void MapStandard()
    {
        if ((function.Read(PciRegisters.Status, 2) & PciRegisters.StatusCapabilityList) == 0)
        {
            return;
        }

        int link = PciRegisters.CapabilityPointer;
        int start = (int)function.Read(link, 1);
        bool isAnyShown = false;
        int mostCapabilities = (PciRegisters.ConventionalSize - PciRegisters.HeaderSize)
            / ShortestCapability;
        for (int i = 0; i < mostCapabilities && start != 0; i++)
        {
            byte id = (byte)function.Read(start, 1);
            byte next = (byte)function.Read(start + Link, 1);
            CapabilityEntry? entry = rules.Standard.Find(id);
            int length = entry?.Length(function, start) ?? 0;
            if (function.Result < 0)
            {
                return;
            }

            if (length == 0)
            {
                _notices.Add(new CapabilityNotice(CapabilityNoticeKind.Hidden, id, start));
                copy[link, 1] = next;
            }
            else
            {
                Show(entry!, start, length);
                link = start + Link;
                isAnyShown = true;
            }

            start = next;
        }

        if (!isAnyShown)
        {
            copy[PciRegisters.Status, 2] &= ~(uint)PciRegisters.StatusCapabilityList;
        }
    }

    private void Show(CapabilityEntry entry, int start, int length)
    {
        byte id = (byte)entry.Id;
        if (id == CapabilityId.Msi && !_hasMsi)
        {
            map.MsiTable = StandardCapabilities.MsiTable(function, start);
            _hasMsi = true;
        }

        if (function.Size > PciRegisters.ConventionalSize
            && StandardCapabilities.AllowsExtendedSpace(function, id, start))
        {
            _hasExtendedSpace = function.Read(PciRegisters.ConventionalSize, 4) != 0;
        }

        Assign(start, length, id);
        entry.Handler.Initialize(copy, start);
    }

    private void MapExtended()
    {
        // The link of a capability is the upper 12 bits of its header; there is none before the first.
        int? link = null;
        int start = PciRegisters.ConventionalSize;
        bool isAnyShown = false;
        int mostCapabilities = (map.Size - PciRegisters.ConventionalSize) / ShortestCapability;
        for (int i = 0; i < mostCapabilities && start >= PciRegisters.ConventionalSize; i++)
        {
            ExtendedHeader header = new(function.Read(start, 4));
            CapabilityEntry? entry = rules.Extended.Find(header.Id);
            int length = entry?.Length(function, start) ?? 0;
            if (function.Result < 0)
            {
                return;
            }

            if (length == 0)
            {
                _notices.Add(new CapabilityNotice(CapabilityNoticeKind.Hidden, header.Id, start));
            }

            if (length == 0 && link is int previous)
            {
                copy[previous, 4] = new ExtendedHeader(copy[previous, 4]).WithNext(header.Next);
            }
            else
            {
                // The first capability anchors the chain: if hidden, its place stays, without ID and version.
                Assign(start, length == 0 ? ShortestCapability : length, (byte)header.Id);
                copy[start, 4] = length == 0 ? copy[start, 4] & ExtendedHeader.NextMask : copy[start, 4];
                isAnyShown |= length != 0;
                link = start;
            }

            start = header.Next;
        }

        if (!isAnyShown)
        {
            copy[PciRegisters.ConventionalSize, 4] = 0;
        }
    }

    private void Assign(int start, int length, byte id)
    {
        if (map.Assign(start, length, id))
        {
            _notices.Add(new CapabilityNotice(CapabilityNoticeKind.Conflict, id, start));
        }

        Fill(start, length);
    }

    private readonly record struct ExtendedHeader(uint Value)
    {
        public const uint NextMask = 0xFFC0_0000;

        public ushort Id => (ushort)Value;

        public int Next => (int)(Value >> 20) & 0xFFC;

        public uint WithNext(int next) => (Value & ~NextMask) | ((uint)next << 20);
    }
}
