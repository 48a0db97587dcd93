namespace VfioPm;

/// <summary>What a user calls an open device for.</summary>
[Flags]
internal enum UserCalls
{
    None = 0,

    /// <summary>ioctls that a revision of the RFC believed to leave the device alone.</summary>
    IoctlsBelievedSafe = 1 << 0,

    /// <summary>All other ioctls.</summary>
    OtherIoctls = 1 << 1,

    /// <summary>Reading and writing configuration space.</summary>
    Configuration = 1 << 2,

    /// <summary>Reading and writing BARs and the ROM.</summary>
    Memory = 1 << 3,

    All = IoctlsBelievedSafe | OtherIoctls | Configuration | Memory,
}
