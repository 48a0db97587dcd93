namespace VfioPm;

/// <summary>
/// An open character device of one function (<c>/dev/vfio/devices/vfioN</c>, <c>drivers/vfio/device_cdev.c</c>, Linux 6.6). It wakes
/// nobody: the device is opened when it is bound to an iommufd, once, and until then every call of it fails.
/// </summary>
public sealed class VfioCdev : IPlaced, IDisposable
{
    private int _callsUnderWay;
    private bool _isClosed;

    internal VfioCdev(VfioPciDevice device) => Device = device;

    private VfioCdev(VfioCdev original, ForkContext fork)
    {
        fork.Register(original, this);
        Device = fork.Of(original.Device);
        File = fork.OfNullable(original.File);
        _callsUnderWay = original._callsUnderWay;
        _isClosed = original._isClosed;
    }

    /// <summary>The device.</summary>
    public VfioPciDevice Device { get; }

    /// <summary>The open device, which is this file too: closing either closes both. Null before it is bound.</summary>
    public VfioDeviceFile? File { get; internal set; }

    /// <summary>Whether the descriptor was closed.</summary>
    public bool IsClosed => _isClosed || File is { IsClosed: true };

    int INumbered.Index => Device.NumberOf(this);

    private Kernel Kernel => Device.Pci.Core.Kernel;

    /// <summary>Binds it to an iommufd, which opens the device.</summary>
    /// <param name="iommufd">Who owns it from now on.</param>
    /// <param name="vfToken">The secret of the users of a physical function and its virtual functions (Linux 7.3).</param>
    /// <exception cref="InvalidOperationException">The kernel refuses; the message says what it returned.</exception>
    public VfioDeviceFile BindIommufd(Iommufd iommufd, Guid? vfToken = null)
    {
        KernelResult result = TryBindIommufd(iommufd, out VfioDeviceFile? file, vfToken);
        return file ?? throw new InvalidOperationException($"{Device.Pci.Name} cannot be bound to the iommufd: {result}.");
    }

    /// <summary>Binds it to an iommufd, or says why not (<c>VFIO_DEVICE_BIND_IOMMUFD</c>).</summary>
    /// <param name="iommufd">Who is to own it.</param>
    /// <param name="file">The open device.</param>
    /// <param name="vfToken">As of <see cref="BindIommufd"/>.</param>
    /// <returns>
    /// 0; -EBUSY where a user has its IOMMU group open; -EINVAL where it is bound already, by this file or another, or for a token where
    /// there is no use for one; -EACCES without the token that it takes; -EBADF, -EBADFD for what is no iommufd; -EPERM where another, or
    /// the kernel, owns the group; what waking or resetting the function gave.
    /// </returns>
    /// <exception cref="ArgumentException">The iommufd is another host's.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public KernelResult TryBindIommufd(Iommufd iommufd, out VfioDeviceFile? file, Guid? vfToken = null)
    {
        BindIommufdRequest request = RequestFor(iommufd, vfToken);
        using KernelEntry entry = KernelEntry.Call(Kernel, VfioPciDevice.Opening, Device.Pci.Name);
        KernelResult result = entry.Run(Bind(request));
        file = result.IsError ? null : File;
        return result;
    }

    /// <summary>Begins <see cref="TryBindIommufd"/>; the open device is then <see cref="File"/>.</summary>
    /// <inheritdoc cref="TryBindIommufd"/>
    public PendingCall BeginBindIommufd(Iommufd iommufd, Guid? vfToken = null)
    {
        BindIommufdRequest request = RequestFor(iommufd, vfToken);
        using KernelEntry entry = KernelEntry.Begin(Kernel, VfioPciDevice.Opening, Device.Pci.Name);
        return entry.Start(Bind(request));
    }

    /// <summary>Makes an ioctl as user space does: before the device is bound only <see cref="VfioIoctl.DeviceBindIommufd"/> works.</summary>
    /// <inheritdoc cref="VfioDeviceFile.Ioctl(uint, Span{byte})"/>
    public KernelResult Ioctl(uint request, Span<byte> argument)
    {
        CheckOpen();
        if (File is { } file)
        {
            return file.Ioctl(request, argument);
        }

        if (request != (uint)VfioIoctl.DeviceBindIommufd)
        {
            return Errno.EINVAL;
        }

        UserMemory memory = new(argument);
        if (BindIommufdRequest.CopyFrom(memory, Device.Descriptors) is not { } bind)
        {
            return Errno.EFAULT;
        }

        using KernelEntry entry = KernelEntry.Call(Kernel, VfioPciDevice.Opening, Device.Pci.Name);
        KernelResult result = entry.Run(Bind(bind));
        if (!result.IsError)
        {
            BindIommufdRequest.CopyBack(memory, Device.IommufdDeviceId);
            memory.Bytes.CopyTo(argument);
        }

        return result;
    }

    /// <summary>Closes the file, and the device with it; a call that is under way keeps it open for its time.</summary>
    public void Close()
    {
        using KernelEntry entry = KernelEntry.Call(Kernel, Device.Pci.Name);
        entry.Run(CloseDescriptor());
    }

    /// <inheritdoc/>
    public void Dispose() => Close();

    IForkable IForkable.Fork(ForkContext fork) => new VfioCdev(this, fork);

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_callsUnderWay);
        hash.Add(_isClosed);
        hash.Add(File is not null);
    }

    private BindIommufdRequest RequestFor(Iommufd iommufd, Guid? vfToken)
    {
        ArgumentNullException.ThrowIfNull(iommufd);
        iommufd.CheckHost(Kernel.Clock);
        CheckOpen();
        return new BindIommufdRequest(FileDescriptor.FromIommufd(iommufd), vfToken);
    }

    private void CheckOpen()
    {
        if (IsClosed)
        {
            throw new ObjectDisposedException(nameof(VfioCdev), $"The character device of {Device.Pci.Name} was closed.");
        }
    }

    private async KernelCall<int> Bind(BindIommufdRequest request)
    {
        _callsUnderWay++;
        int result = await Device.BindIommufd(this, request);
        _callsUnderWay--;
        await ReleaseIfUnused();
        return result;
    }

    private async KernelCall<int> CloseDescriptor()
    {
        if (!IsClosed)
        {
            _isClosed = true;
            await ReleaseIfUnused();
        }

        return 0;
    }

    /// <summary><c>vfio_device_fops_release()</c>, of the device that was bound or of the file alone.</summary>
    private async KernelCall ReleaseIfUnused()
    {
        if (_isClosed && _callsUnderWay == 0 && File is { } file)
        {
            await file.CloseDescriptor();
        }
        else if (_isClosed && _callsUnderWay == 0)
        {
            Device.Forget(this);
        }
    }
}
