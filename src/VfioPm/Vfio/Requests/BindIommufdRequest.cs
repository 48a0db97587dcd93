namespace VfioPm;

/// <summary>
/// <c>VFIO_DEVICE_BIND_IOMMUFD</c> on a character device (<c>vfio_df_ioctl_bind_iommufd()</c>); on a device that is open already it
/// is refused.
/// </summary>
internal sealed class BindIommufdRequest : VfioRequest
{
    private const uint HeaderSize = 16;
    private const int DeviceIdOffset = 12;
    private const uint TokenFlag = 1;

    private readonly FileDescriptor _iommufd;

    public BindIommufdRequest(FileDescriptor iommufd, Guid? token)
        : this(HeaderSize, token is null ? 0 : TokenFlag, iommufd) => Token = token;

    private BindIommufdRequest(uint argumentSize, uint flags, FileDescriptor iommufd)
    {
        ArgumentSize = argumentSize;
        Flags = flags;
        _iommufd = iommufd;
    }

    private BindIommufdRequest(BindIommufdRequest original, ForkContext fork)
        : this(original.ArgumentSize, original.Flags, original._iommufd.Fork(fork)) => Token = original.Token;

    /// <summary>One whose argument is not there.</summary>
    public static BindIommufdRequest WithoutArgument { get; } = new BindIommufdRequest(0, 0, FileDescriptor.None);

    public override string What => "user binds a device to an iommufd";

    /// <summary>The secret of the users of a physical function and its virtual functions.</summary>
    public Guid? Token { get; }

    private uint ArgumentSize { get; }

    private uint Flags { get; }

    /// <inheritdoc cref="FeatureRequest.CopyFrom"/>
    public static BindIommufdRequest? CopyFrom(UserMemory argument, DescriptorTable descriptors) =>
        argument.TryCopyFrom(out BindIommufdStructure given)
            ? new BindIommufdRequest(given.ArgumentSize, given.Flags, descriptors[given.Iommufd])
            : null;

    /// <summary>Tells the user by which number the iommufd knows the device (<c>out_devid</c>).</summary>
    public static void CopyBack(UserMemory argument, uint deviceId) => argument.TryCopyTo(DeviceIdOffset, [deviceId]);

    /// <summary>What is wrong with the argument by itself.</summary>
    /// <returns>0, or -EINVAL.</returns>
    public int Check(VfioRules rules)
    {
        uint known = rules.BindsWithToken ? TokenFlag : 0;
        return ArgumentSize < HeaderSize || _iommufd.IsNone || (Flags & ~known) != 0 ? -Errno.EINVAL : 0;
    }

    /// <summary>A token that is said to be there, and whose address is not modelled, is not in memory.</summary>
    /// <returns>0, or -EFAULT.</returns>
    public int CheckToken() => (Flags & TokenFlag) != 0 && Token is null ? -Errno.EFAULT : 0;

    /// <inheritdoc cref="FileDescriptor.GetIommufd"/>
    public int GetIommufd(out Iommufd? iommufd) => _iommufd.GetIommufd(out iommufd);

    /// <summary>A file of the group is none of a character device, and one of such a device is bound already.</summary>
    public override int? AnswerAtOnce(VfioRules rules) =>
        !rules.KnowsIommufd ? null : !rules.HasDeviceCdev ? -Errno.ENOTTY : this == WithoutArgument ? -Errno.EFAULT : -Errno.EINVAL;

    public override KernelCall<int> Execute(VfioSession session) => -Errno.ENOTTY;

    public override VfioRequest Fork(ForkContext fork) => new BindIommufdRequest(this, fork);

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(ArgumentSize);
        hash.Add(Flags);
        _iommufd.AddTo(ref hash);
        hash.Add(Token);
    }
}
