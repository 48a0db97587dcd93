namespace VfioPm;

/// <summary>
/// One access as the kernel cuts it (<c>vfio_config_do_rw()</c>): 1, 2 or 4 aligned bytes within one dword and
/// one capability.
/// </summary>
/// <param name="Position">Where in configuration space.</param>
/// <param name="Width">1, 2 or 4.</param>
/// <param name="Offset">Where in the capability; 0 where no capability is.</param>
internal readonly record struct ConfigurationChunk(int Position, int Width, int Offset)
{
    /// <summary>Where the capability starts.</summary>
    public int CapabilityStart => Position - Offset;

    /// <summary>The bits that the access covers.</summary>
    public uint Mask => uint.MaxValue >> (32 - (8 * Width));
}
