namespace VfioPm;

/// <summary>The function's own configuration registers: no virtualisation, no runtime PM.</summary>
internal interface IPhysicalConfiguration : INumbered
{
    /// <summary>256 bytes, or 4096 where the function has extended configuration space (<c>cfg_size</c>).</summary>
    int Size { get; }

    /// <summary>What is found of functions of its kind.</summary>
    CommonArrays Common { get; }

    /// <summary>
    /// Reads 1, 2 or 4 aligned bytes, little endian, for the kernel itself (<c>pci_read_config_*()</c>). A function without
    /// power reads as all ones, and so does what lies beyond its end.
    /// </summary>
    uint Read(int offset, int width);

    /// <summary>
    /// Reads them on behalf of a user, who is kept waiting while the function is being reset (<c>pci_user_read_config_*()</c>).
    /// </summary>
    KernelCall<uint> ReadByUser(int offset, int width);

    /// <summary>Writes them on behalf of a user (<c>pci_user_write_config_*()</c>).</summary>
    KernelCall<int> WriteByUser(int offset, int width, uint value);
}
