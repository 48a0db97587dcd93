namespace VfioPm;

/// <summary>The kernel's error numbers that this library's calls can give (<c>errno.h</c>).</summary>
public enum Errno
{
    /// <summary>Operation not permitted.</summary>
    EPERM = 1,

    /// <summary>No such file or directory.</summary>
    ENOENT = 2,

    /// <summary>I/O error.</summary>
    EIO = 5,

    /// <summary>No such device or address.</summary>
    ENXIO = 6,

    /// <summary>Bad file descriptor.</summary>
    EBADF = 9,

    /// <summary>Try again.</summary>
    EAGAIN = 11,

    /// <summary>Out of memory.</summary>
    ENOMEM = 12,

    /// <summary>Permission denied.</summary>
    EACCES = 13,

    /// <summary>Bad address.</summary>
    EFAULT = 14,

    /// <summary>Device or resource busy.</summary>
    EBUSY = 16,

    /// <summary>File exists.</summary>
    EEXIST = 17,

    /// <summary>No such device.</summary>
    ENODEV = 19,

    /// <summary>Invalid argument.</summary>
    EINVAL = 22,

    /// <summary>Not a typewriter: no such ioctl here.</summary>
    ENOTTY = 25,

    /// <summary>No space left.</summary>
    ENOSPC = 28,

    /// <summary>Result not representable.</summary>
    ERANGE = 34,

    /// <summary>Function not implemented.</summary>
    ENOSYS = 38,

    /// <summary>Value too large: an address that there is not.</summary>
    EOVERFLOW = 75,

    /// <summary>File descriptor in bad state.</summary>
    EBADFD = 77,

    /// <summary>Operation not supported (the kernel's internal <c>ENOTSUPP</c> is 524).</summary>
    EOPNOTSUPP = 95,

    /// <summary>Connection timed out.</summary>
    ETIMEDOUT = 110,

    /// <summary>Operation now in progress.</summary>
    EINPROGRESS = 115,
}
