namespace VfioPm;

/// <summary>
/// Which parameters of the module a function keeps as they were when it was bound. The others are one value for all
/// (<c>vfio_pci_core_set_params()</c>), and change under those that are bound.
/// </summary>
internal enum LatchedParameters
{
    /// <summary>None.</summary>
    None,

    /// <summary><c>disable_idle_d3</c> (4575e9aac533, 2026).</summary>
    IdleD3,

    /// <summary>All (3788cd493e44, 2026).</summary>
    All,
}
