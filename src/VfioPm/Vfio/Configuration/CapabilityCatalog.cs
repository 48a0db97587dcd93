namespace VfioPm;

/// <summary>
/// The standard, or the extended, capabilities that a kernel's vfio-pci knows. What a catalog does not list is
/// hidden.
/// </summary>
internal sealed class CapabilityCatalog
{
    // The map keeps one byte a position for the capability there, so an ID is looked up by its low byte.
    private readonly CapabilityEntry?[] _entries = new CapabilityEntry?[256];

    public CapabilityCatalog(params CapabilityEntry[] entries)
    {
        foreach (CapabilityEntry entry in entries)
        {
            _entries[entry.Id] = entry;
        }
    }

    /// <summary>This catalog with an entry added, or put in the place of the one with the same ID.</summary>
    public CapabilityCatalog With(CapabilityEntry entry) => new([.. _entries.OfType<CapabilityEntry>(), entry]);

    /// <summary>The entry of an ID, or null for one that is hidden.</summary>
    public CapabilityEntry? Find(int id) => id < _entries.Length ? _entries[id] : null;

    /// <summary>What accesses to a position mapped as <paramref name="mappedId"/> do.</summary>
    public CapabilityHandler HandlerOf(byte mappedId) => _entries[mappedId]?.Handler ?? DirectHandler.ReadOnly;
}
