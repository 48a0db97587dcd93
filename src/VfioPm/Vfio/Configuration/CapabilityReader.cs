namespace VfioPm;

/// <summary>
/// The kernel's own reads while it follows chains of capabilities (<c>pci_read_config_*()</c>). A chain can lead
/// to addresses that the kernel refuses; it then gives up, and so the first failure is kept.
/// </summary>
internal sealed class CapabilityReader(IPhysicalConfiguration hardware)
{
    private const int AddressableSize = 0x1000;

    /// <summary>The size of the function's configuration space in bytes.</summary>
    public int Size => hardware.Size;

    /// <summary>
    /// Success, <see cref="Errno.EFAULT"/> after an unaligned read (<c>PCIBIOS_BAD_REGISTER_NUMBER</c>), or
    /// <see cref="Errno.EINVAL"/> after one beyond what can be addressed.
    /// </summary>
    public int Result { get; private set; }

    /// <summary>Reads 1, 2 or 4 bytes; all ones where the function has no registers.</summary>
    public uint Read(int offset, int width)
    {
        if (offset % width != 0)
        {
            Fail(Errno.EFAULT);
        }
        else if (offset >= AddressableSize)
        {
            Fail(Errno.EINVAL);
        }
        else if (offset < Size)
        {
            return hardware.Read(offset, width);
        }

        return uint.MaxValue >> (32 - (8 * width));
    }

    private void Fail(Errno error) => Result = Result < 0 ? Result : -error;
}
