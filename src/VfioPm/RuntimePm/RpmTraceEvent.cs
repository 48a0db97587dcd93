using System.Globalization;

namespace VfioPm;

/// <summary>Which of the kernel's runtime-PM trace events one is (<c>include/trace/events/rpm.h</c>).</summary>
public enum RpmTracepoint
{
    /// <summary><c>rpm_suspend</c>: a suspend was asked for.</summary>
    Suspend,

    /// <summary><c>rpm_resume</c>: a resume was asked for.</summary>
    Resume,

    /// <summary><c>rpm_idle</c>: an idle notification was asked for.</summary>
    Idle,

    /// <summary><c>rpm_usage</c>: the usage count changed and nothing else happened.</summary>
    Usage,

    /// <summary><c>rpm_return_int</c>: one of the first three returned.</summary>
    ReturnInt,

    /// <summary><c>rpm_status</c>: the status changed (kernels after 6.1).</summary>
    Status,
}

/// <summary>
/// One trace event of the engine, with what ftrace would show of the device at that moment, so that a model's
/// trace can be laid beside a kernel's.
/// </summary>
/// <param name="Tracepoint">Which event.</param>
/// <param name="Device">The device's name.</param>
/// <param name="Function">For <see cref="RpmTracepoint.ReturnInt"/>, the tracepoint of the call that returned.</param>
/// <param name="Flags">How the operation was asked for.</param>
/// <param name="UsageCount">The usage count.</param>
/// <param name="DisableDepth">The disable depth.</param>
/// <param name="RuntimeAuto">Whether user space allows runtime PM (<c>power/control</c> is "auto").</param>
/// <param name="RequestPending">Whether a work item is queued.</param>
/// <param name="IrqSafe">Whether the callbacks run with interrupts disabled.</param>
/// <param name="ChildCount">How many children are active.</param>
/// <param name="Result">What was returned, for <see cref="RpmTracepoint.ReturnInt"/>.</param>
/// <param name="Status">The new status, for <see cref="RpmTracepoint.Status"/>.</param>
public readonly record struct RpmTraceEvent(
    RpmTracepoint Tracepoint,
    string Device,
    RpmTracepoint Function,
    RpmFlags Flags,
    int UsageCount,
    int DisableDepth,
    bool RuntimeAuto,
    bool RequestPending,
    bool IrqSafe,
    int ChildCount,
    KernelResult Result,
    RuntimeStatus Status) : ISpanFormattable
{
    /// <summary>The event in ftrace's words, with single blanks: "rpm_idle 0000:01:00.0 flags-4 cnt-0 …".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{this}");

    /// <summary>The same; there is no other format, and no culture has a say.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <summary>Writes the same where there is room for it.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) => Tracepoint switch
    {
        RpmTracepoint.ReturnInt => destination.TryWrite(
            CultureInfo.InvariantCulture, $"rpm_return_int {Device} {NameOf(Function)} ret={Result.Value}", out charsWritten),
        RpmTracepoint.Status => destination.TryWrite($"rpm_status {Device} status=RPM_{Status.ToString().ToUpperInvariant()}", out charsWritten),
        _ => destination.TryWrite(
            CultureInfo.InvariantCulture,
            $"{NameOf(Tracepoint)} {Device} flags-{(int)Flags:x} cnt-{UsageCount} dep-{DisableDepth} auto-{Digit(RuntimeAuto)} p-{Digit(RequestPending)} irq-{Digit(IrqSafe)} child-{ChildCount}",
            out charsWritten),
    };

    private static string NameOf(RpmTracepoint tracepoint) => tracepoint switch
    {
        RpmTracepoint.Suspend => "rpm_suspend",
        RpmTracepoint.Resume => "rpm_resume",
        RpmTracepoint.Idle => "rpm_idle",
        _ => "rpm_usage",
    };

    private static int Digit(bool value) => value ? 1 : 0;
}
