namespace VfioPm.Server;

/// <summary>What a server serves, and where.</summary>
public sealed record VfioUserOptions
{
    /// <summary>How many times faster, or slower, than the wall the host can be.</summary>
    internal const double MostSpeed = 1e6;

    /// <summary>Where the Unix socket for vfio-user clients is made; only its owner may connect.</summary>
    public required string SocketPath { get; init; }

    /// <summary>The clock that the host's time follows.</summary>
    public required TimeProvider Wall { get; init; }

    /// <summary>Where the Unix socket for the host's administrator is made, or null for none.</summary>
    public string? ControlPath { get; init; }

    /// <summary>The host's kernel.</summary>
    public KernelProfile Profile { get; init; } = KernelProfile.RfcV1;

    /// <summary>What the client sees.</summary>
    public ServedAs As { get; init; }

    /// <summary>What the function is made from.</summary>
    public DeviceImage Device { get; init; } = DeviceImages.E1000E;

    /// <summary>How faithful the function is to the specifications.</summary>
    public HardwareBehavior Behavior { get; init; } = HardwareBehavior.Specification;

    /// <summary>Whether the port above the function has a power resource, so that both can reach D3cold.</summary>
    public bool CutsPower { get; init; } = true;

    /// <summary>How many seconds of the host's pass in one on the wall: a millionth to a million.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>
    /// Where what the client does is written down, and what the administrator does, as a recording (<c>vfio-pm-trace/1</c>);
    /// null for nowhere. Whoever gives it closes it, after the server.
    /// </summary>
    public TextWriter? Recording { get; init; }

    /// <summary>Whether the server ends with its first client.</summary>
    public bool Once { get; init; }
}
