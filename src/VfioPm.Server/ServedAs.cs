namespace VfioPm.Server;

/// <summary>What a client of the server sees.</summary>
public enum ServedAs
{
    /// <summary>What a user of vfio-pci on the simulated host sees: every message is an ioctl or an access.</summary>
    User,

    /// <summary>The bare function, as hardware: the client's own kernel does the rest.</summary>
    Silicon,
}
