namespace VfioPm;

/// <summary>The interrupts of a vfio-pci device (<c>VFIO_PCI_*_IRQ_INDEX</c>).</summary>
public enum VfioIrqIndex
{
    /// <summary>The interrupt pin.</summary>
    Intx,

    /// <summary>Message Signalled Interrupts.</summary>
    Msi,

    /// <summary>MSI-X.</summary>
    MsiX,

    /// <summary>The device reported an error that cannot be corrected; before Linux 7.3, PCI Express only.</summary>
    Err,

    /// <summary>The host wants the device back.</summary>
    Req,
}
