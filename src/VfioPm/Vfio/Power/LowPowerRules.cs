namespace VfioPm;

/// <summary>
/// What a kernel decides about users who permit their devices to sleep. The usual values are what was merged for Linux 6.1; each
/// property is a decision of a revision of the RFC that review had changed (<c>docs/review-findings.md</c>).
/// </summary>
internal sealed record LowPowerRules
{
    // "ret = EINVAL", which for user space is no error.
    private const int PositiveEinval = (int)Errno.EINVAL;

    public static readonly LowPowerRules Linux6_1 = new();

    /// <summary>July 2022 (20220719121523.21396-1): the three features, as merged but for what wakes first.</summary>
    public static readonly LowPowerRules RfcV5 = new() { UnmasksBeforeTelling = true };

    /// <summary>July 2022 (20220701110814.7310-1): a list in the kernel of who may sleep again.</summary>
    public static readonly LowPowerRules RfcV4 = new()
    {
        UnmasksBeforeTelling = true,
        Fence = MemoryFence.WhilePermitted,
        AnswerToExitOfNothing = -Errno.EINVAL,
        PinsDisplays = true,
    };

    /// <summary>April 2022 (20220425092615.10133-1): a feature, for devices that are in D3hot.</summary>
    public static readonly LowPowerRules RfcV3 = new()
    {
        UnmasksBeforeTelling = true,
        Fence = MemoryFence.OwnStateUntilExit,
        AnswerOutsideD3Hot = PositiveEinval,
        AnswerToSecondEntry = PositiveEinval,
        AnswerToExitOfNothing = PositiveEinval,
        WakingCalls = UserCalls.All & ~UserCalls.Memory,
        TellsWhyNotWoken = true,
        HoldsPhysicalFunctionUnlocked = true,
    };

    /// <summary>January 2022 (20220124181726.19174-1): an ioctl, for devices that are in D3hot; the rest is <see cref="RfcV2Power"/>.</summary>
    public static readonly LowPowerRules RfcV2 = new()
    {
        Fence = MemoryFence.OwnState,
        AnswerOutsideD3Hot = PositiveEinval,
        AnswerToSecondEntry = 0,
        WakingCalls = UserCalls.OtherIoctls | UserCalls.Configuration,
        TellsWhyNotWoken = true,
    };

    /// <summary>Which calls of the user wake the device and hold it awake.</summary>
    public UserCalls WakingCalls { get; init; } = UserCalls.All;

    /// <summary>A call for which the device cannot be woken returns what waking gave, and not -EIO.</summary>
    public bool TellsWhyNotWoken { get; init; }

    /// <summary>When memory is kept from the user.</summary>
    public MemoryFence Fence { get; init; }

    /// <summary>What permitting low power returns for a device that its user has not put into D3hot; null where he need not.</summary>
    public int? AnswerOutsideD3Hot { get; init; }

    /// <summary>What it returns where it is permitted already.</summary>
    public int AnswerToSecondEntry { get; init; } = -Errno.EINVAL;

    /// <summary>What ending it returns where it is not permitted.</summary>
    public int AnswerToExitOfNothing { get; init; }

    /// <summary>
    /// An NVIDIA display that somebody else wakes, of which nobody wants to be told, stays awake until its user ends the permission.
    /// </summary>
    public bool PinsDisplays { get; init; }

    /// <summary>INTx is unmasked before its user is told that the device woke.</summary>
    public bool UnmasksBeforeTelling { get; init; }

    /// <summary>
    /// A physical function is woken for its virtual ones and held once they are there, and its user may still change its state; else
    /// it is put into D0, and nobody gets it out of there, from before they are enabled.
    /// </summary>
    public bool HoldsPhysicalFunctionUnlocked { get; init; }
}

/// <summary>When memory is kept from a user, besides when he disabled it.</summary>
internal enum MemoryFence
{
    /// <summary>While the kernel believes the function to be in D3.</summary>
    KernelsState,

    /// <summary>While it does, or low power is permitted.</summary>
    WhilePermitted,

    /// <summary>While the driver's own note of the state says D3.</summary>
    OwnState,

    /// <summary>The same, and that note stands still while low power is permitted.</summary>
    OwnStateUntilExit,
}
