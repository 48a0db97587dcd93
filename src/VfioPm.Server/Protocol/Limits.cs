namespace VfioPm.Server;

/// <summary>What a server takes of one client; it tells the first four in its answer to <c>VFIO_USER_VERSION</c>.</summary>
internal static class Limits
{
    /// <summary>Descriptors with one message (<c>max_msg_fds</c>).</summary>
    public const int Descriptors = 16;

    /// <summary>Bytes of data in one message (<c>max_data_xfer_size</c>).</summary>
    public const int Transfer = 1 << 20;

    /// <summary>DMA windows at a time (<c>max_dma_maps</c>).</summary>
    public const int DmaWindows = 65535;

    /// <summary>Sizes of pages of DMA windows, as bits (<c>pgsizes</c>).</summary>
    public const ulong PageSizes = 4096;

    /// <summary>Bytes of one message: the longest transfer, and what stands before its data.</summary>
    public const int Message = Header.Length + 16 + Transfer;

    /// <summary>How long a client may take for one message, or for its first.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
}
