namespace VfioPm;

/// <summary>
/// The function's own configuration registers, as <c>pci_user_read_config_*()</c> and
/// <c>pci_user_write_config_*()</c> reach them: no virtualisation, no runtime PM.
/// </summary>
internal interface IPhysicalConfiguration : IForkable
{
    /// <summary>256 bytes, or 4096 where the function has extended configuration space (<c>cfg_size</c>).</summary>
    int Size { get; }

    /// <summary>
    /// Reads 1, 2 or 4 aligned bytes, little endian. A function without power reads as all ones, and so does what lies
    /// beyond its end.
    /// </summary>
    uint Read(int offset, int width);

    /// <summary>Writes 1, 2 or 4 aligned bytes, little endian.</summary>
    KernelResult Write(int offset, int width, uint value);
}
