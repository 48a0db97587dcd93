namespace VfioPm;

/// <summary>What came of a processor's access to a mapping.</summary>
/// <param name="Value">What was read or written; 0 where nothing was.</param>
/// <param name="IsFault">
/// The access did not get through: the process is sent <c>SIGBUS</c> (<c>vfio_pci_mmap_fault()</c> returns
/// <c>VM_FAULT_SIGBUS</c>).
/// </param>
public readonly record struct MappedAccess(ulong Value, bool IsFault)
{
    internal static MappedAccess BusError => new(0, IsFault: true);
}
