namespace VfioPm;

/// <summary>A capability that vfio-pci knows: a row of a <see cref="CapabilityCatalog"/>.</summary>
/// <param name="Id">The capability's ID.</param>
/// <param name="Name">Its name in the specification.</param>
/// <param name="Length">
/// Its length from the function's registers and the capability's start, in bytes; 0 hides it from the user.
/// </param>
/// <param name="Handler">What the user's accesses to it do.</param>
internal sealed record CapabilityEntry(
    int Id, string Name, Func<CapabilityReader, int, int> Length, CapabilityHandler Handler);
