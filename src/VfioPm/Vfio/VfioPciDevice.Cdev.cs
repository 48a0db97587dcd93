namespace VfioPm;

// The character device of its own, by which a user has the device without its group (drivers/vfio/device_cdev.c).
public sealed partial class VfioPciDevice
{
    private readonly PublishedList<VfioCdev> _cdevs = [];

    // How many files of character devices keep the group from being opened (its share of cdev_device_open_cnt).
    private int _groupBlocks;

    /// <summary>The open files of its character device, in order of opening (Linux 6.6).</summary>
    public IReadOnlyList<VfioCdev> Cdevs => _cdevs;

    /// <summary>What it is bound to; null where its user has its group, or nobody has it open.</summary>
    public Iommufd? Iommufd { get; private set; }

    /// <summary>By which number that knows it (<c>out_devid</c>).</summary>
    internal uint IommufdDeviceId { get; private set; }

    /// <summary>Opens its character device, <c>/dev/vfio/devices/vfioN</c>.</summary>
    /// <exception cref="InvalidOperationException">
    /// The kernel refuses, and the message says what it returned; or the function is no longer bound.
    /// </exception>
    public VfioCdev OpenCdev()
    {
        CheckBound();
        KernelResult result = TryOpenCdev(out VfioCdev? cdev);
        return cdev ?? throw new InvalidOperationException(
            $"The character device of {Pci.Name} cannot be opened: {result}{(Rules.HasDeviceCdev ? "" : " (see KernelProfile.WithDeviceCdev())")}.");
    }

    /// <summary>Opens its character device, or says why not (<c>vfio_device_fops_cdev_open()</c>).</summary>
    /// <param name="cdev">The open file, by which nothing can be done before it is bound to an iommufd.</param>
    /// <returns>0; -ENOENT on a kernel that is built without (<c>KernelProfile.WithDeviceCdev()</c>); -ENODEV once it is being unbound.</returns>
    public KernelResult TryOpenCdev(out VfioCdev? cdev)
    {
        lock (Clock.Gate)
        {
            cdev = null;
            if (!Rules.HasDeviceCdev || _isGoing)
            {
                return Rules.HasDeviceCdev ? Errno.ENODEV : Errno.ENOENT;
            }

            cdev = new VfioCdev(this);
            _cdevs.Add(cdev);
            return KernelResult.Success;
        }
    }

    /// <summary><c>vfio_df_ioctl_bind_iommufd()</c>.</summary>
    internal async KernelCall<int> BindIommufd(VfioCdev cdev, BindIommufdRequest request)
    {
        int result = request.Check(Rules);
        result = result < 0 ? result : IsGroupOpen ? -Errno.EBUSY : 0;
        if (result < 0)
        {
            return result;
        }

        _groupBlocks++;
        using (await Set.Lock.Lock())
        {
            result = await BindLocked(cdev, request);
        }

        _groupBlocks -= result < 0 ? 1 : 0;
        return result;
    }

    /// <summary>A file of the character device was closed before it was bound.</summary>
    internal void Forget(VfioCdev cdev)
    {
        _cdevs.Remove(cdev);
        Kernel.WakeAll(this);
    }

    /// <summary>By which number an iommufd knows it (<c>vfio_iommufd_get_dev_id()</c>).</summary>
    /// <returns>
    /// The number; <see cref="DependentDevice.Owned"/> where it knows another function of the group; or
    /// <see cref="DependentDevice.NotOwned"/>.
    /// </returns>
    internal int FindIn(Iommufd iommufd)
    {
        if (Iommufd == iommufd)
        {
            return (int)IommufdDeviceId;
        }

        foreach (VfioPciDevice other in _driver.Devices)
        {
            if (other.Iommufd == iommufd && other.Pci.IommuGroup == Pci.IommuGroup)
            {
                return DependentDevice.Owned;
            }
        }

        return DependentDevice.NotOwned;
    }

    internal int NumberOf(VfioCdev cdev) => (Index * MostFiles) + _cdevs.IndexOf(cdev);

    private async KernelCall<int> BindLocked(VfioCdev cdev, BindIommufdRequest request)
    {
        // A file is bound once, and of several files one.
        Iommufd? iommufd = null;
        int result = cdev.File is not null ? -Errno.EINVAL : CheckTokenOf(request);
        result = result < 0 ? result : request.GetIommufd(out iommufd);
        result = result < 0 ? result : IsOpen ? -Errno.EINVAL : ClaimFor(iommufd!);
        if (result < 0)
        {
            return result;
        }

        uint id = iommufd!.Add();
        result = await VfioSession.Begin(this);
        if (result < 0)
        {
            iommufd.Remove(id);
            return result;
        }

        Iommufd = iommufd;
        IommufdDeviceId = id;
        CountTokenUse(1);
        cdev.File = new VfioDeviceFile(Session!, cdev);
        _files.Add(cdev.File);
        TellUserCall();
        return 0;
    }

    /// <summary>Before Linux 7.3 nobody asks for the token of a physical function here (<c>vfio_df_check_token()</c>).</summary>
    private int CheckTokenOf(BindIommufdRequest request)
    {
        int result = request.CheckToken();
        return result < 0 || !Rules.BindsWithToken ? result : CheckToken(request.Token);
    }

    /// <summary>The group becomes the iommufd's, if it is nobody's (<c>iommu_device_claim_dma_owner()</c>).</summary>
    private int ClaimFor(Iommufd iommufd)
    {
        bool isOthers = DmaOwnership.UserOf(Pci) is not null && FindIn(iommufd) == DependentDevice.NotOwned;
        return isOthers ? -Errno.EPERM : DmaOwnership.Claim(Pci);
    }

    /// <summary><c>vfio_df_unbind_iommufd()</c>.</summary>
    private void UnbindIommufd(VfioCdev? cdev)
    {
        if (cdev is null)
        {
            return;
        }

        Iommufd!.Remove(IommufdDeviceId);
        Iommufd = null;
        IommufdDeviceId = 0;
        _groupBlocks--;
        _cdevs.Remove(cdev);
    }

    private void AddCdevsTo(ref StateHash hash)
    {
        hash.Add(_groupBlocks);
        hash.Add(IommufdDeviceId);
        hash.Add(Iommufd?.Index ?? -1);
        hash.Add(_cdevs.Count);
        foreach (VfioCdev cdev in _cdevs)
        {
            cdev.AddTo(ref hash);
        }
    }
}
