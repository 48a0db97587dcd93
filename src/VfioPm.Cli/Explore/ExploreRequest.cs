namespace VfioPm.Cli;

/// <summary>What <c>vfio-pm explore</c> is asked for.</summary>
/// <param name="Profile">Which kernel.</param>
/// <param name="Topology">Which machine.</param>
/// <param name="IsUnreliable">Whether hardware may fail.</param>
/// <param name="Rules">Which rules.</param>
/// <param name="Options">How far.</param>
/// <param name="Schedule">What to replay, instead.</param>
/// <param name="Picture">What to draw the first finding into, if anything.</param>
/// <param name="IsJson">Whether the answer is for programs.</param>
internal sealed record ExploreRequest(
    KernelProfile Profile,
    StandardTopology Topology,
    bool IsUnreliable,
    IReadOnlyList<Rule> Rules,
    ExplorationOptions Options,
    Schedule? Schedule,
    PictureFile? Picture,
    bool IsJson);
