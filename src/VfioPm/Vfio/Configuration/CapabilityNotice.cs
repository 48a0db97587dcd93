namespace VfioPm;

/// <summary>What vfio-pci's set-up has to say about a capability (a line in the kernel's log).</summary>
/// <param name="Kind">What is odd about it.</param>
/// <param name="Id">The capability's ID.</param>
/// <param name="Start">Where it starts.</param>
internal readonly record struct CapabilityNotice(CapabilityNoticeKind Kind, int Id, int Start);

/// <summary>What is odd about a capability.</summary>
internal enum CapabilityNoticeKind
{
    /// <summary>Not shown to the user: "hiding cap".</summary>
    Hidden,

    /// <summary>It overlaps another capability: "PCI config conflict".</summary>
    Conflict,
}
