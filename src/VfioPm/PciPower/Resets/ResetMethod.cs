namespace VfioPm;

/// <summary>A way to reset a function (<c>pci_reset_fn_methods</c>), in the order of preference.</summary>
public enum ResetMethod
{
    /// <summary>What Linux has for this very device (<c>pci_dev_reset_methods</c>).</summary>
    DeviceSpecific,

    /// <summary>The firmware's (<c>_RST</c>).</summary>
    Acpi,

    /// <summary>Function level reset of the PCI Express capability.</summary>
    Flr,

    /// <summary>Function level reset of the Advanced Features capability.</summary>
    AfFlr,

    /// <summary>Through D3hot and back, where that resets.</summary>
    Pm,

    /// <summary>The secondary bus reset of the bridge above, where the function is alone on the bus.</summary>
    Bus,

    /// <summary>The same below a CXL port, which is told to let it through (since Linux 6.10).</summary>
    CxlBus,
}
