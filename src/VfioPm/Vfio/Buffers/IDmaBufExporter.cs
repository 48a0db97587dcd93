namespace VfioPm;

/// <summary>Whoever exported a buffer, as far as the buffer has to know.</summary>
internal interface IDmaBufExporter : IForkable
{
    /// <summary>The function whose BAR it is.</summary>
    PciDevice Pci { get; }

    /// <summary>Nobody holds the buffer of a number any more (<c>vfio_pci_dma_buf_release()</c>).</summary>
    KernelCall Forget(int number);
}
