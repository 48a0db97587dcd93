namespace VfioPm;

/// <summary>
/// Which capability owns each byte of configuration space (<c>pci_config_map</c>). It does not change while the
/// device is open, so forks share it.
/// </summary>
internal sealed class CapabilityMap
{
    /// <summary>The header. A capability cannot have this ID: 0 is the null capability.</summary>
    public const byte Header = 0x00;

    /// <summary>No capability (<c>PCI_CAP_ID_INVALID</c>).</summary>
    public const byte Unassigned = 0xFF;

    private static readonly HeaderHandler HeaderHandler = new(PermissionTables.Header);

    private byte[] _owners;
    private readonly ConfigurationRules _rules;

    public CapabilityMap(int size, ConfigurationRules rules)
    {
        _owners = new byte[size];
        _owners.AsSpan(PciRegisters.HeaderSize).Fill(Unassigned);
        _rules = rules;
    }

    /// <summary>The size of configuration space in bytes.</summary>
    public int Size => _owners.Length;

    /// <summary>The permissions of MSI, as the first MSI capability has them.</summary>
    public PermissionTable MsiTable { get; set; } = PermissionTables.Msi32;

    /// <summary>The ID of the capability at a position: the low byte of an extended one's.</summary>
    public byte this[int position] => _owners[position];

    /// <summary>
    /// Gives bytes to a capability. Those that another had already go over to it, with a warning in the kernel's
    /// log; what would lie beyond the end is cut off.
    /// </summary>
    /// <returns>Whether any byte was another's.</returns>
    public bool Assign(int start, int length, byte id)
    {
        Span<byte> bytes = _owners.AsSpan(start, Math.Min(length, Size - start));
        bool conflicts = bytes.ContainsAnyExcept(Unassigned);
        bytes.Fill(id);
        return conflicts;
    }

    /// <summary>Nothing is assigned any more: other functions may have the same.</summary>
    public void Share(CommonArrays common) => _owners = common.For<byte>(_owners);

    /// <summary>
    /// Cuts an access: the longest aligned one at <paramref name="position"/> within one dword and one capability
    /// (<c>vfio_config_do_rw()</c>).
    /// </summary>
    public ConfigurationChunk Cut(int position, int count)
    {
        int available = Math.Min(count, RemainingInDword(position));
        int width = available >= 4 && position % 4 == 0 ? 4 : available >= 2 && position % 2 == 0 ? 2 : 1;
        return new ConfigurationChunk(position, width, position - StartOf(position));
    }

    /// <summary>What accesses at a position do.</summary>
    public CapabilityHandler HandlerAt(int position) => _owners[position] switch
    {
        Unassigned => RawHandler.Instance,
        byte id when position >= PciRegisters.ConventionalSize => _rules.Extended.HandlerOf(id),
        Header => HeaderHandler,
        byte id => _rules.Standard.HandlerOf(id),
    };

    private int RemainingInDword(int position)
    {
        int end = position + 1;
        while (end % 4 != 0 && _owners[end] == _owners[position])
        {
            end++;
        }

        return end - position;
    }

    // Two capabilities of the same kind that touch count as one (vfio_find_cap_start()).
    private int StartOf(int position)
    {
        byte owner = _owners[position];
        if (owner is Unassigned or Header)
        {
            return owner == Header ? 0 : position;
        }

        int first = position >= PciRegisters.ConventionalSize
            ? PciRegisters.ConventionalSize
            : PciRegisters.HeaderSize;
        int start = position;
        while (start > first && _owners[start - 1] == owner)
        {
            start--;
        }

        return start;
    }
}
