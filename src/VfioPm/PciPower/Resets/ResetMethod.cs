namespace VfioPm;

/// <summary>A way to reset a function (<c>pci_reset_fn_methods</c>), in the order of preference.</summary>
public enum ResetMethod
{
    /// <summary>Function level reset of the PCI Express capability.</summary>
    Flr,

    /// <summary>Function level reset of the Advanced Features capability.</summary>
    AfFlr,

    /// <summary>Through D3hot and back, where that resets.</summary>
    Pm,

    /// <summary>The secondary bus reset of the bridge above, where the function is alone on the bus.</summary>
    Bus,
}
