using static System.FormattableString;

namespace VfioPm;

/// <summary>One thing that happened on a host. It serializes as an event of <see cref="HostTrace.ToJson"/>.</summary>
public readonly partial record struct TraceEntry
{
    /// <summary>When, since boot.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>To which device.</summary>
    public required string Device { get; init; }

    /// <summary>What kind of thing.</summary>
    public required TraceKind Kind { get; init; }

    /// <summary>The device above, if there is one.</summary>
    public string? Parent { get; init; }

    /// <summary>Why: what somebody did, or the work item or timer that ran.</summary>
    public Cause? Cause { get; init; }

    /// <summary>
    /// The power state before and after, for <see cref="TraceKind.PowerState"/>, <see cref="TraceKind.HardwareState"/> and
    /// <see cref="TraceKind.GuestState"/>.
    /// </summary>
    public (PowerState Before, PowerState After) PowerState { get; init; }

    /// <summary>The status before and after, for <see cref="TraceKind.RuntimeStatus"/>.</summary>
    public (RuntimeStatus Before, RuntimeStatus After) Status { get; init; }

    /// <summary>The count before and after, for <see cref="TraceKind.UsageCount"/>.</summary>
    public (int Before, int After) UsageCount { get; init; }

    /// <summary>
    /// Where in a test's code the call is that changed the count, for <see cref="TraceKind.UsageCount"/> and calls of the
    /// runtime-PM core: "PowerTests.cs:42".
    /// </summary>
    public string? Caller { get; init; }

    /// <summary>What somebody did, for <see cref="TraceKind.Operation"/>.</summary>
    public string? Operation { get; init; }

    /// <summary>
    /// What the kernel returned, for <see cref="TraceKind.Return"/> and <see cref="TraceKind.Failure"/>; the cause says to which
    /// call.
    /// </summary>
    public KernelResult Result { get; init; }

    /// <summary>What the kernel said of the device, for <see cref="TraceKind.Log"/>.</summary>
    public string? Message { get; init; }

    /// <summary>The event, for <see cref="TraceKind.Rpm"/>.</summary>
    public RpmTraceEvent Rpm { get; init; }

    /// <summary>What happened, without when and why: "D0 → D3hot".</summary>
    public string What => Kind switch
    {
        TraceKind.PowerState => $"{PowerState.Before.KernelName} → {PowerState.After.KernelName}",
        TraceKind.HardwareState => $"hardware {PowerState.Before.KernelName} → {PowerState.After.KernelName}",
        TraceKind.GuestState => $"guest reads {PowerState.After.KernelName}",
        TraceKind.RuntimeStatus => $"{Status.Before} → {Status.After}",
        TraceKind.UsageCount => Invariant($"usage {UsageCount.Before} → {UsageCount.After}"),
        TraceKind.Operation => Operation ?? "",
        TraceKind.Return or TraceKind.Failure => $"returned {Result}",
        TraceKind.Log => $"log: {Message}",
        _ => Rpm.ToString(),
    };

    /// <summary>Whether the device fell asleep with this.</summary>
    internal bool IsFallingAsleep => Kind == TraceKind.RuntimeStatus && Status.After == RuntimeStatus.Suspended;

    /// <summary>Why, in a sentence about the device: "opened"; null where no cause is known.</summary>
    private string? Why => Cause is { } cause && cause.Device == Device ? cause.What : Cause?.ToString();

    /// <summary>Why and when: "opened at 0.000 s".</summary>
    internal string Origin => $"{Why ?? (Caller is { } caller ? $"a call in {caller}" : "a call")} at {TimeText.Of(Time)}";

    /// <summary>The same, the cause as a quotation: "\"opened\" at 0.000 s".</summary>
    internal string QuotedOrigin => Why is { } why ? $"\"{why}\" at {TimeText.Of(Time)}" : Origin;

    /// <summary>"1.002 s  0000:01:00.0  D0 → D3hot  (0000:01:00.0: autosuspend timer)".</summary>
    public override string ToString()
    {
        string why = Cause is null ? "" : $"  ({Cause})";
        return $"{TimeText.Of(Time)}  {Device}  {What}{why}";
    }
}
