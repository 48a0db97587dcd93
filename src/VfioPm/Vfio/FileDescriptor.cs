namespace VfioPm;

/// <summary>
/// A file descriptor as an argument of an ioctl: an eventfd or a group where one is wanted, or what a careless
/// program may pass instead.
/// </summary>
public readonly record struct FileDescriptor
{
    private readonly EventFd? _eventFd;
    private readonly VfioGroup? _group;
    private readonly VfioDmaBuf? _dmaBuf;
    private readonly Iommufd? _iommufd;
    private readonly Kind _kind;

    private FileDescriptor(Kind kind, EventFd? eventFd = null, VfioGroup? group = null, VfioDmaBuf? dmaBuf = null, Iommufd? iommufd = null)
    {
        _iommufd = iommufd;
        _kind = kind;
        _eventFd = eventFd;
        _group = group;
        _dmaBuf = dmaBuf;
    }

    private enum Kind
    {
        None,
        OtherNegative,
        Closed,
        OtherFile,
        EventFd,
        Group,
        DmaBuf,
        Iommufd,
    }

    /// <summary>-1: no file, which means to give back what was there.</summary>
    public static FileDescriptor None => default;

    /// <summary>A number that no open file has.</summary>
    public static FileDescriptor Closed => new(Kind.Closed);

    /// <summary>An open file that is neither an eventfd nor a group.</summary>
    public static FileDescriptor OtherFile => new(Kind.OtherFile);

    /// <summary>Whether it is -1, or another negative number, which most calls take for the same.</summary>
    public bool IsNone => _kind is Kind.None or Kind.OtherNegative;

    /// <summary>Whether it is a negative number other than -1, which some calls refuse.</summary>
    internal bool IsOtherNegative => _kind == Kind.OtherNegative;

    /// <summary>Whether an open file has it.</summary>
    internal bool IsOpen => _kind > Kind.Closed && _eventFd is not { IsClosed: true } && _dmaBuf is not { IsClosed: true }
        && _iommufd is not { IsClosed: true };

    /// <summary>The descriptor of an eventfd.</summary>
    public static FileDescriptor FromEventFd(EventFd eventFd)
    {
        ArgumentNullException.ThrowIfNull(eventFd);
        return new FileDescriptor(Kind.EventFd, eventFd);
    }

    /// <summary>The descriptor of a group.</summary>
    public static FileDescriptor FromVfioGroup(VfioGroup group) => new(Kind.Group, group: group);

    /// <summary>The descriptor of an iommufd.</summary>
    public static FileDescriptor FromIommufd(Iommufd iommufd)
    {
        ArgumentNullException.ThrowIfNull(iommufd);
        return new FileDescriptor(Kind.Iommufd, iommufd: iommufd);
    }

    /// <inheritdoc cref="FromEventFd"/>
    public static implicit operator FileDescriptor(EventFd eventFd) => FromEventFd(eventFd);

    /// <inheritdoc cref="FromVfioGroup"/>
    public static implicit operator FileDescriptor(VfioGroup group) => FromVfioGroup(group);

    /// <summary>The descriptor of an exported buffer, which only the kernel makes.</summary>
    internal static FileDescriptor FromDmaBuf(VfioDmaBuf buffer) => new(Kind.DmaBuf, dmaBuf: buffer);

    /// <summary>The buffer behind it, or null.</summary>
    internal VfioDmaBuf? DmaBuf => _dmaBuf;

    /// <summary>A number that no file can have.</summary>
    internal static FileDescriptor Negative(int number) => new(number == -1 ? Kind.None : Kind.OtherNegative);

    /// <exception cref="ArgumentException">It is an eventfd or iommufd of another host.</exception>
    internal void CheckHost(VirtualClock host)
    {
        _eventFd?.CheckHost(host);
        _iommufd?.CheckHost(host);
    }

    /// <inheritdoc cref="EventFd.Claim"/>
    internal void Claim(VirtualClock host) => _eventFd?.Claim(host);

    internal FileDescriptor Fork(ForkContext fork) => new(_kind, fork.OfNullable(_eventFd), _group, fork.OfNullable(_dmaBuf), fork.OfNullable(_iommufd));

    internal void AddTo(ref StateHash hash)
    {
        EventFd.AddTo(ref hash, _eventFd);
        hash.Add(_group?.Number ?? -1);
        hash.Add((int)_kind);
        _dmaBuf?.AddTo(ref hash);
        _iommufd?.AddTo(ref hash);
    }

    /// <summary>The eventfd behind it (<c>eventfd_ctx_fdget()</c>), which is a device's from now on.</summary>
    /// <returns>0; -EBADF where there is no file; -EINVAL for another kind of file.</returns>
    internal int GetEventFd(PciDevice device, out EventFd? eventFd)
    {
        eventFd = _eventFd is { IsClosed: false } ? _eventFd : null;
        eventFd?.TakenBy(device);
        return eventFd is not null ? 0 : ErrorOfFile;
    }

    /// <summary>The group behind it (<c>vfio_file_is_group()</c>).</summary>
    /// <inheritdoc cref="GetEventFd"/>
    internal int GetGroup(out VfioGroup group)
    {
        group = _group ?? default;
        return _group is not null ? 0 : ErrorOfFile;
    }

    /// <summary>The iommufd behind it (<c>iommufd_ctx_from_fd()</c>).</summary>
    /// <returns>0; -EBADF where there is no file; -EBADFD for another kind of file.</returns>
    internal int GetIommufd(out Iommufd? iommufd)
    {
        iommufd = _iommufd is { IsClosed: false } ? _iommufd : null;
        return iommufd is not null ? 0 : IsOpen ? -Errno.EBADFD : -Errno.EBADF;
    }

    private int ErrorOfFile => IsOpen ? -Errno.EINVAL : -Errno.EBADF;
}
