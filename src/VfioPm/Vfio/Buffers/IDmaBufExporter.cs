namespace VfioPm;

/// <summary>Whoever exported a buffer, as far as the buffer has to know.</summary>
internal interface IDmaBufExporter : IForkable
{
    /// <summary>The function whose BAR it is.</summary>
    PciDevice Pci { get; }

    /// <summary>The number of the buffer among those of all devices.</summary>
    int NumberOf(VfioDmaBuf buffer);

    /// <summary>Nobody holds the buffer any more (<c>vfio_pci_dma_buf_release()</c>).</summary>
    KernelCall Forget(VfioDmaBuf buffer);
}
