namespace VfioPm;

/// <summary>
/// The regions of an opened device: what <c>VFIO_DEVICE_GET_REGION_INFO</c> says of them, and whether they can be
/// mapped. It does not change while the device is open.
/// </summary>
internal sealed class DeviceRegions(FunctionFacts facts, int configurationSize, MsiXTable? msiX)
{
    /// <summary>The size that the kernel gives a ROM in host memory.</summary>
    public const ulong ShadowedRomSize = 0x20000;

    private const ulong PageSize = 0x1000;
    private const uint MsiXMappableSize = 8;
    private const VfioRegionFlags ReadWrite = VfioRegionFlags.Read | VfioRegionFlags.Write;

    /// <summary>Answers the ioctl (<c>vfio_pci_ioctl_get_region_info()</c>).</summary>
    /// <param name="index">The region.</param>
    /// <param name="argumentSize">The caller's <c>argsz</c>.</param>
    /// <param name="isRomThere">
    /// Whether the ROM holds an image (<see cref="ExpansionRom.Size"/>), memory decode being enabled for the look.
    /// </param>
    /// <param name="info">The answer.</param>
    /// <returns>
    /// Success, or <see cref="Errno.EINVAL"/> for an index without region or an <paramref name="argumentSize"/> that is
    /// too small.
    /// </returns>
    public int GetInfo(uint index, uint argumentSize, bool isRomThere, out VfioRegionInfo info)
    {
        info = default;
        if (argumentSize < VfioRegionInfo.LeastArgumentSize || index >= VfioRegion.Vga)
        {
            return -Errno.EINVAL;
        }

        info = (int)index switch
        {
            VfioRegion.Configuration => Plain(VfioRegion.Configuration, ReadWrite, (ulong)configurationSize),
            VfioRegion.Rom when isRomThere => Plain(VfioRegion.Rom, VfioRegionFlags.Read, SizeOf(VfioRegion.Rom)),
            VfioRegion.Rom => Plain(VfioRegion.Rom, VfioRegionFlags.None, 0),
            int bar => OfBar(bar),
        };
        uint needed = VfioRegionInfo.LeastArgumentSize + (info.IsMsiXMappable ? MsiXMappableSize : 0);
        bool fits = argumentSize >= needed;
        info = info with
        {
            ArgumentSize = fits ? argumentSize : needed,
            IsMsiXMappable = info.IsMsiXMappable && fits,
        };
        return 0;
    }

    /// <summary>Whether a range of a region can be mapped (<c>vfio_pci_core_mmap()</c>).</summary>
    /// <returns>Success or <see cref="Errno.EINVAL"/>.</returns>
    public int CheckMapping(int index, ulong offset, ulong length)
    {
        bool isInside = IsMappable(index) && offset % PageSize == 0 && length > 0
            && offset + length <= RoundUpToPage(facts.Bars[index].Length);
        return isInside ? 0 : -Errno.EINVAL;
    }

    /// <summary>The bytes of a BAR or the ROM that reads and writes reach; 0 if it is not there.</summary>
    public ulong SizeOf(int index) =>
        facts.Bars[index] is { Start: not 0 } resource ? resource.Length
        : index == VfioRegion.Rom && facts.IsRomShadowed ? ShadowedRomSize
        : 0;

    /// <summary>The part of a BAR that is kept from the user.</summary>
    public MsiXTable? HiddenIn(int index) => msiX is { } table && table.Bar == index ? table : null;

    /// <summary>Whether a BAR is I/O space.</summary>
    public bool IsIo(int index) => (facts.Bars[index].KindBits & 0x1) != 0;

    private static VfioRegionInfo Plain(int index, VfioRegionFlags flags, ulong size) => new(index, flags, size, 0, false);

    private static ulong RoundUpToPage(ulong size) => (size + PageSize - 1) & ~(PageSize - 1);

    private VfioRegionInfo OfBar(int index)
    {
        ulong size = facts.Bars[index].Length;
        if (size == 0)
        {
            return Plain(index, VfioRegionFlags.None, 0);
        }

        bool isMappable = IsMappable(index);
        bool holdsMsiX = isMappable && msiX?.Bar == index;
        VfioRegionFlags flags = ReadWrite
            | (isMappable ? VfioRegionFlags.Map : VfioRegionFlags.None)
            | (holdsMsiX ? VfioRegionFlags.Capabilities : VfioRegionFlags.None);
        return new VfioRegionInfo(index, flags, size, 0, holdsMsiX);
    }

    // A BAR smaller than a page has its page to itself if it starts one (vfio_pci_probe_mmaps()).
    private bool IsMappable(int index) =>
        index is >= 0 and < VfioRegion.Rom
        && facts.Bars[index] is { Length: > 0 } resource
        && !IsIo(index)
        && (resource.Length >= PageSize || resource.Start % PageSize == 0);
}
