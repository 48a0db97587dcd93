namespace VfioPm;

// What users exported of the device's BARs (vdev->dmabufs). Who does something to all of them holds memory_lock for writing.
public sealed partial class VfioPciDevice : IDmaBufExporter
{
    // To number those of all devices.
    private const int MostBuffers = 1 << 8;

    private readonly PublishedList<VfioDmaBuf> _dmaBufs = [];

    /// <summary>The buffers that were exported and that somebody holds, in order (Linux 7.3).</summary>
    public IReadOnlyList<VfioDmaBuf> DmaBufs => _dmaBufs;

    /// <summary>A user exports parts of a BAR (<c>vfio_pci_core_feature_dma_buf()</c>).</summary>
    /// <returns>
    /// The number of the buffer's descriptor; -EFAULT for data that is not there; -EINVAL for none, flags, no pages, more than the
    /// BAR has, and ports; -EOVERFLOW for addresses that there are not; -ENODEV for what is no BAR, or not there.
    /// </returns>
    internal async KernelCall<int> Export(VfioDmaBufRequest? data)
    {
        int result = data is not { } request ? -Errno.EFAULT : CheckExport(request);
        if (result < 0)
        {
            return result;
        }

        using (await Memory.DownWrite())
        {
            var buffer = new VfioDmaBuf(this, FreeNumber(), data!, isRevoked: !Session!.IsMemoryEnabled);
            _dmaBufs.Add(buffer);
            return Descriptors.Install(FileDescriptor.FromDmaBuf(buffer));
        }
    }

    /// <summary>
    /// What is exported is taken away from whoever has it mapped (<c>vfio_pci_dma_buf_move()</c>), one buffer after the other.
    /// </summary>
    internal async KernelCall RevokeDmaBufs()
    {
        for (int i = 0; i < _dmaBufs.Count; i++)
        {
            if (_dmaBufs[i] is { IsHeld: true, IsRevoked: false } buffer)
            {
                await buffer.Revoke();
            }
        }
    }

    /// <summary>Before the lock is given back: what is exported can be had again if the user may access memory.</summary>
    internal void RestoreDmaBufs()
    {
        bool isEnabled = Session is { IsMemoryEnabled: true };
        for (int i = 0; isEnabled && i < _dmaBufs.Count; i++)
        {
            if (_dmaBufs[i] is { IsHeld: true, IsRevoked: true } buffer)
            {
                buffer.Restore();
            }
        }
    }

    /// <summary>The device is closed: what is exported is revoked for ever (<c>vfio_pci_dma_buf_cleanup()</c>).</summary>
    internal async KernelCall CleanUpDmaBufs()
    {
        if (!Rules.HasDmaBufs)
        {
            return;
        }

        using (await Memory.DownWrite())
        {
            await RevokeDmaBufs();
            foreach (VfioDmaBuf buffer in _dmaBufs)
            {
                buffer.Orphan();
            }

            _dmaBufs.Clear();
        }
    }

    async KernelCall IDmaBufExporter.Forget(int number)
    {
        using (await Memory.DownWrite())
        {
            _dmaBufs.Remove(FindBuffer(number)!);
        }
    }

    private VfioDmaBuf? FindBuffer(int number) => _dmaBufs.Find(buffer => buffer is INumbered numbered && numbered.Index == number);

    private int FreeNumber()
    {
        int number = Index * MostBuffers;
        while (FindBuffer(number) is not null)
        {
            number++;
        }

        return number;
    }

    private int CheckExport(VfioDmaBufRequest request)
    {
        if (request.Count == 0 || request.Flags != 0)
        {
            return -Errno.EINVAL;
        }

        // Only what the driver has claimed of the function's BARs, which it has of all that are there.
        int region = (int)Math.Min(request.Region, VfioRegion.Rom);
        if (region == VfioRegion.Rom || Session!.Regions.SizeOf(region) == 0)
        {
            return -Errno.ENODEV;
        }

        int result = request.Ranges.Count < request.Count ? -Errno.EFAULT : request.CheckRanges();
        return result < 0 ? result
            : Session.Regions.IsIo(region) ? -Errno.EINVAL
            : request.CheckIn(_bars[region]);
    }
}
