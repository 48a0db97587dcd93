namespace VfioPm;

/// <summary>
/// <c>VFIO_DEVICE_ATTACH_IOMMUFD_PT</c> and <c>VFIO_DEVICE_DETACH_IOMMUFD_PT</c>, which only files of a character device have: which
/// address space a device's memory accesses go to has nothing to do with its power, and any is accepted.
/// </summary>
/// <param name="header">What there is of the argument; null where it is not there.</param>
/// <param name="leastSize">The least <c>argsz</c>.</param>
internal sealed class AttachRequest(AttachStructure? header, uint leastSize) : VfioRequest
{
    private const uint AttachSize = 12;
    private const uint DetachSize = 8;

    public override string What => "user changes the address space of a device";

    /// <summary><c>vfio_df_ioctl_attach_pt()</c>.</summary>
    public static AttachRequest Attach(UserMemory argument) => CopyFrom(argument, AttachSize);

    /// <summary><c>vfio_df_ioctl_detach_pt()</c>.</summary>
    public static AttachRequest Detach(UserMemory argument) => CopyFrom(argument, DetachSize);

    public override async KernelCall<int> Execute(VfioSession session)
    {
        if (session.Device.Iommufd is null)
        {
            return -Errno.ENOTTY;
        }

        if (header is not { } given)
        {
            return -Errno.EFAULT;
        }

        if (given.ArgumentSize < leastSize || given.Flags != 0)
        {
            return -Errno.EINVAL;
        }

        using (await session.Device.Set.Lock.Lock())
        {
            return 0;
        }
    }

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(leastSize);
        hash.Add(header is not null);
        hash.Add(header.GetValueOrDefault().ArgumentSize);
        hash.Add(header.GetValueOrDefault().Flags);
    }

    private static AttachRequest CopyFrom(UserMemory argument, uint size) =>
        new(argument.Length >= size && argument.TryCopyFrom(out AttachStructure header) ? header : null, size);
}
