namespace VfioPm;

/// <summary>What kind of thing happened.</summary>
public enum TraceKind
{
    /// <summary>The kernel's view of a power state changed.</summary>
    PowerState,

    /// <summary>The hardware's power state changed, whatever the kernel believes.</summary>
    HardwareState,

    /// <summary>The power state that the guest reads changed; unknown is what nobody reads.</summary>
    GuestState,

    /// <summary>A runtime-PM status changed.</summary>
    RuntimeStatus,

    /// <summary>A usage count changed.</summary>
    UsageCount,

    /// <summary>Somebody did something: a guest, a VMM, the host's administrator. It may have had no effect.</summary>
    Operation,

    /// <summary>What somebody did is over, and the kernel did not refuse it.</summary>
    Return,

    /// <summary>What somebody did failed: the kernel returned an error.</summary>
    Failure,

    /// <summary>The kernel said something in its log.</summary>
    Log,

    /// <summary>A trace event of the runtime-PM core.</summary>
    Rpm,
}
