namespace VfioPm;

// Exporting parts of BARs to other devices.
public sealed partial class VfioDeviceFile
{
    /// <summary>
    /// Exports parts of a BAR as a buffer, for another device to access (<c>VFIO_DEVICE_FEATURE_DMA_BUF</c>, Linux 7.3). Where the user
    /// may not access memory now, the buffer is revoked until he may.
    /// </summary>
    /// <param name="request">Which parts.</param>
    /// <param name="buffer">The buffer, whose descriptor is the user's; null where there is none.</param>
    /// <returns>
    /// The descriptor's number; -ENOTTY on earlier kernels; -ENODEV for what is no BAR, or not there; -EINVAL for ports, no ranges,
    /// and ranges that are empty, no pages, or behind the BAR's end; -EOVERFLOW for an address that there is not; -EIO if the
    /// device cannot be woken.
    /// </returns>
    public KernelResult TryExport(VfioDmaBufRequest request, out VfioDmaBuf? buffer)
    {
        KernelResult result = Feature(RequestFor(request));
        buffer = result.IsError ? null : Device.Descriptors[result.Value].DmaBuf;
        return result;
    }

    /// <summary>Begins <see cref="TryExport"/>; the buffer is then the last of <see cref="VfioPciDevice.DmaBufs"/>.</summary>
    public PendingCall BeginExport(VfioDmaBufRequest request) => BeginFeature(RequestFor(request));

    /// <summary>Exports a part of a BAR.</summary>
    /// <param name="region">The BAR.</param>
    /// <param name="offset">Where in it; a multiple of the page size.</param>
    /// <param name="length">Bytes, a multiple of the page size.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    /// <exception cref="InvalidOperationException">The kernel refuses; the message says what it returned.</exception>
    public VfioDmaBuf Export(int region, long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(region);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var request = new VfioDmaBufRequest((uint)region, new VfioDmaRange((ulong)offset, (ulong)length));
        KernelResult result = TryExport(request, out VfioDmaBuf? buffer);
        return buffer ?? throw new InvalidOperationException(
            $"Region {region} of {Device.Pci.Name} cannot be exported at 0x{offset:x}: {result}.");
    }

    private static VfioFeatureRequest RequestFor(VfioDmaBufRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new VfioFeatureRequest(VfioFeature.DmaBuf, VfioFeatureFlags.Get) { DmaBuf = request };
    }
}
