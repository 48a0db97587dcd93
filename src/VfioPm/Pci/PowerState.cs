namespace VfioPm;

/// <summary>
/// A PCI function's power state (PCI Power Management 1.2, section 2.2; the kernel's <c>pci_power_t</c>),
/// ordered by depth.
/// </summary>
public enum PowerState
{
    /// <summary>Fully on.</summary>
    D0 = 0,

    /// <summary>A light sleep that few functions have.</summary>
    D1 = 1,

    /// <summary>A deeper sleep that few functions have.</summary>
    D2 = 2,

    /// <summary>Asleep with power: configuration space answers, memory and I/O do not.</summary>
    D3Hot = 3,

    /// <summary>Without power: reads give all ones, writes are lost.</summary>
    D3Cold = 4,

    /// <summary>The kernel does not know (<c>PCI_UNKNOWN</c>), as before a function's first driver.</summary>
    Unknown = 5,
}
