namespace VfioPm;

/// <summary>
/// Parts of a BAR that the user of a device exported, for another device to access without a processor
/// (<c>struct vfio_pci_dma_buf</c>, Linux 7.3). It is revoked while the user may not access memory, and for ever when the device is
/// closed.
/// </summary>
/// <remarks>
/// The descriptor and whatever is attached hold it. Who revokes it waits until all that was mapped is unmapped, with
/// <c>memory_lock</c> held. Whether the two devices can reach each other (<c>pci_p2pdma_map_type()</c>) is not modelled: they can.
/// </remarks>
public sealed class VfioDmaBuf : IWaitQueue, IDisposable
{
    private readonly IDmaBufExporter _exporter;
    private readonly int _number;
    private readonly PublishedList<VfioDmaBufAttachment> _attachments = [];
    private readonly VfioDmaBufRequest _request;

    /// <param name="exporter">Who exports it.</param>
    /// <param name="number">Its number among the buffers of all devices.</param>
    /// <param name="request">What is exported.</param>
    /// <param name="isRevoked">Whether its user may not access memory now.</param>
    internal VfioDmaBuf(IDmaBufExporter exporter, int number, VfioDmaBufRequest request, bool isRevoked)
    {
        _exporter = exporter;
        _number = number;
        _request = request;
        IsRevoked = isRevoked;
    }

    private VfioDmaBuf(VfioDmaBuf original, ForkContext fork)
    {
        fork.Register(original, this);
        _exporter = fork.Of(original._exporter);
        _number = original._number;
        _request = original._request;
        IsRevoked = original.IsRevoked;
        IsClosed = original.IsClosed;
        IsOrphaned = original.IsOrphaned;
        fork.CopyAll(original._attachments, _attachments);
    }

    /// <summary>The BAR.</summary>
    public int Region => (int)_request.Region;

    /// <summary>Its parts, in the order in which they follow each other in the buffer.</summary>
    public IReadOnlyList<VfioDmaRange> Ranges => _request.Ranges;

    /// <summary>Bytes.</summary>
    public long Length
    {
        get
        {
            long length = 0;
            for (int i = 0; i < Ranges.Count; i++)
            {
                length += (long)Ranges[i].Length;
            }

            return length;
        }
    }

    /// <summary>Whether nobody may attach or map it now (<c>revoked</c>).</summary>
    public bool IsRevoked { get; private set; }

    /// <summary>Whether its descriptor was closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether the device that exported it was closed: it stays revoked.</summary>
    public bool IsOrphaned { get; private set; }

    /// <summary>What is attached, in order.</summary>
    public IReadOnlyList<VfioDmaBufAttachment> Attachments => _attachments;

    int INumbered.Index => _number;

    string IWaitQueue.WaitedFor => $"whoever has mapped the buffer of {Exporter}";

    /// <summary>Whether somebody holds it (<c>get_file_active()</c>).</summary>
    internal bool IsHeld => !IsClosed || _attachments.Count > 0;

    /// <summary>The name of the function whose BAR it is.</summary>
    internal string Exporter => _exporter.Pci.Name;

    internal Kernel Kernel => _exporter.Pci.Core.Kernel;

    internal PciFunction Hardware => _exporter.Pci.Hardware;

    private bool IsMapped => _attachments.Exists(static attachment => attachment.IsMapped);

    /// <summary>Another device's driver attaches to it (<c>vfio_pci_dma_buf_attach()</c>).</summary>
    /// <param name="attachment">What it has of it.</param>
    /// <param name="importer">The driver; <see cref="VfioDmaBufImporter.Usual"/> unless said.</param>
    /// <returns>
    /// 0; -EOPNOTSUPP for a driver that does not take memory of other devices, or cannot be told that it is void; -ENODEV while
    /// the buffer is revoked.
    /// </returns>
    /// <exception cref="ObjectDisposedException">Nobody holds the buffer any more.</exception>
    public KernelResult TryAttach(out VfioDmaBufAttachment? attachment, VfioDmaBufImporter? importer = null)
    {
        importer ??= VfioDmaBufImporter.Usual;
        lock (Kernel.Clock.Gate)
        {
            ObjectDisposedException.ThrowIf(!IsHeld, this);
            int result = !importer.AllowsPeerToPeer ? -Errno.EOPNOTSUPP
                : IsRevoked ? -Errno.ENODEV
                : !importer.IsRevocable ? -Errno.EOPNOTSUPP
                : 0;
            attachment = null;
            if (result == 0)
            {
                attachment = new VfioDmaBufAttachment(this, importer);
                _attachments.Add(attachment);
            }

            return result;
        }
    }

    /// <summary>Attaches, where that must succeed.</summary>
    /// <exception cref="InvalidOperationException">The kernel refuses; the message says what it returned.</exception>
    /// <inheritdoc cref="TryAttach"/>
    public VfioDmaBufAttachment Attach(VfioDmaBufImporter? importer = null)
    {
        KernelResult result = TryAttach(out VfioDmaBufAttachment? attachment, importer);
        return attachment ?? throw new InvalidOperationException(
            $"Nothing can be attached to the buffer of {Exporter}: {result}.");
    }

    /// <summary>
    /// Closes the descriptor, whose number is free again. Where nothing is attached the buffer goes, for which
    /// <c>memory_lock</c> is taken.
    /// </summary>
    public void Close()
    {
        using KernelEntry entry = KernelEntry.Call(Kernel, Exporter);
        entry.Run(CloseDescriptor());
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Length:#,0} bytes of BAR {Region} of {Exporter}{(IsRevoked ? ", revoked" : "")}";

    IForkable IForkable.Fork(ForkContext fork) => new VfioDmaBuf(this, fork);

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_number);
        _request.AddTo(ref hash);
        hash.Add(IsRevoked);
        hash.Add(IsClosed);
        hash.Add(IsOrphaned);
        hash.Add(_attachments.Count);
        foreach (VfioDmaBufAttachment attachment in _attachments)
        {
            attachment.AddTo(ref hash);
        }
    }

    /// <summary>Whoever has mapped it is told to unmap, and waited for (<c>vfio_pci_dma_buf_move()</c>).</summary>
    internal async KernelCall Revoke()
    {
        IsRevoked = true;
        Invalidate();
        while (IsMapped)
        {
            await Kernel.WaitOn(this);
        }
    }

    /// <summary>
    /// It can be mapped again. Whoever is attached is told so before it is true, and so has to come back later.
    /// </summary>
    internal void Restore()
    {
        Invalidate();
        IsRevoked = false;
    }

    /// <summary>The device is closed, and the buffer goes on without it (<c>vfio_pci_dma_buf_cleanup()</c>).</summary>
    internal void Orphan() => IsOrphaned = true;

    /// <summary>Somebody unmapped it.</summary>
    internal void OnUnmapped()
    {
        if (!IsMapped)
        {
            Kernel.WakeAll(this);
        }
    }

    internal KernelCall Forget(VfioDmaBufAttachment attachment)
    {
        _attachments.Remove(attachment);
        return ReleaseIfUnheld();
    }

    /// <summary>Where in the BAR a place in the buffer is.</summary>
    internal long PlaceOf(long offset)
    {
        ulong left = (ulong)offset;
        int i = 0;
        while (left >= Ranges[i].Length)
        {
            left -= Ranges[i].Length;
            i++;
        }

        return (long)(Ranges[i].Offset + left);
    }

    private async KernelCall CloseDescriptor()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            await ReleaseIfUnheld();
        }
    }

    private KernelCall ReleaseIfUnheld() => IsHeld || IsOrphaned ? KernelCall.Returned : _exporter.Forget(_number);

    private void Invalidate()
    {
        foreach (VfioDmaBufAttachment attachment in _attachments)
        {
            attachment.Invalidate();
        }
    }
}
