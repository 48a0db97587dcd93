using System.Text;

namespace VfioPm;

/// <summary>What a failed check tells, part by part: how things are, what stands in the way, what happened.</summary>
internal sealed class Story
{
    private const int Lines = 12;

    private readonly StringBuilder _text = new();

    /// <summary>A sentence of its own.</summary>
    public Story Say(string sentence)
    {
        _text.AppendLine(sentence);
        return this;
    }

    /// <summary>How a function and the bridges above it are, in the views that differ.</summary>
    public Story Now(PciDevice device)
    {
        List<string> chain = [];
        for (PciDevice? shown = device; shown is not null; shown = shown.Upstream)
        {
            chain.Add($"{shown}{OtherViews.Of(shown)}");
        }

        return List($"{NowOn(device.Core.Clock)}:", chain);
    }

    /// <summary>How a device is that may be no function.</summary>
    public Story Now(RuntimePmDevice device) =>
        Say($"{NowOn(device.Core.Clock)}: {device}");

    /// <summary>"Now, at 1.524 s on rfc-v1": when, and on which kernel, if the trace knows.</summary>
    public static string NowOn(VirtualClock clock) =>
        $"Now, at {TimeText.Of(clock.Now)}{(HostTrace.Of(clock)?.KernelName is { } kernel ? $" on {kernel}" : "")}";

    /// <summary>Lines under a title; nothing where there are none.</summary>
    public Story List(string title, IEnumerable<string> lines)
    {
        string[] all = [.. lines.Select(line => $"  {line}")];
        return all.Length > 0 ? AddLines(title, all) : this;
    }

    /// <summary>The BARs whose sizes nobody knows: an access that should be inside of one may be outside, and the other way round.</summary>
    public Story GuessedBars(PciDevice device) => List(
        "Guessed, since the dump has no sizes (lspci -vvv -xxxx as root has):",
        device.Hardware.Bars.Where(static bar => bar.IsSizeGuessed).Select(static bar => $"BAR {bar.Index} has 0x{bar.Size:x} bytes"));

    /// <summary>Why a function is not in a state, if it should be in a deeper or in a lighter one.</summary>
    public Story WhyNotIn(PciDevice device, PowerState wanted) => device.PowerState == PowerState.Unknown
        ? List("Its state is unknown because:", WakeObstacles.Of(device))
        : wanted > device.PowerState
        ? List("It sleeps no deeper because:", SleepObstacles.Of(device))
        : List("It sleeps deeper because:", WakeObstacles.Of(device));

    /// <summary>Why a function is in the state that it is in.</summary>
    public Story WhyIn(PciDevice device) => device.PowerState == PowerState.D0
        ? WhyNotIn(device, PowerState.D3Cold)
        : WhyNotIn(device, PowerState.D0);

    /// <summary>Why a device has not the status that it should have.</summary>
    public Story WhyNot(RuntimePmDevice device, RuntimeStatus wanted) => wanted switch
    {
        RuntimeStatus.Suspended => List("It does not sleep because:", SleepObstacles.Of(device)),
        RuntimeStatus.Active => List("It is not awake because:", WakeObstacles.Of(device)),
        _ => this,
    };

    /// <summary>Why a device is as it is: awake, or asleep, and of a function no deeper.</summary>
    public Story WhyNow(RuntimePmDevice device) => PciRuntimePm.FunctionOf(device) is { } function
        ? WhyNow(function)
        : WhyNot(device, SleepState.IsAsleep(device) ? RuntimeStatus.Active : RuntimeStatus.Suspended);

    /// <summary>Why a device does not sleep, if it does not.</summary>
    public Story WhyAwake(RuntimePmDevice device) =>
        SleepState.IsAsleep(device) ? this : WhyNot(device, RuntimeStatus.Suspended);

    private Story WhyNow(PciDevice device) => device.PowerState == PowerState.Unknown
        ? WhyNotIn(device, PowerState.D0)
        : !SleepState.IsAsleep(device.RuntimePm)
        ? WhyNot(device.RuntimePm, RuntimeStatus.Suspended)
        : List("It is asleep because:", WakeObstacles.Of(device)).List("It sleeps no deeper because:", SleepObstacles.Of(device));

    /// <summary>Whose gets make a usage count too high, or whose puts too low.</summary>
    public Story UsageDifference(RuntimePmDevice device, int excess) => excess > 0
        ? List("Not given back:", UsageHolders.Of(device).TakeLast(excess))
        : List("Given back last:", UsageHolders.PutsOf(device).TakeLast(-excess));

    /// <summary>The last of what happened to a device.</summary>
    public Story Last(RuntimePmDevice device, params TraceKind[] kinds) => HostTrace.Of(device) is { } trace
        ? Add($"What happened to {device.Name} last:", trace.ToTimeline().About(device).Of([.. kinds, TraceKind.Log]))
        : Say($"The trace is off: what happened is not known. {HostTrace.Remedy}");

    /// <summary>The first of what happened to a device since a moment.</summary>
    public Story Since(TimeSpan since, RuntimePmDevice device, params TraceKind[] kinds) => AddLines(
        $"What happened to {device.Name} since {TimeText.Of(since)}:",
        LinesOf(History.Of(device).Trace.ToTimeline().About(device).Of([.. kinds, TraceKind.Log]).Since(since)).Take(Lines));

    /// <summary>What happened to a device up to a moment, and then.</summary>
    public Story Until(TimeSpan moment, RuntimePmDevice device, params TraceKind[] kinds) => Add(
        $"What happened to {device.Name} until {TimeText.Of(moment)}:",
        History.Of(device).Trace.ToTimeline().About(device).Of([.. kinds, TraceKind.Log]).Until(moment));

    /// <summary>The last of what happened.</summary>
    public Story Add(string title, Timeline timeline) => AddLines(title, LinesOf(timeline.Last(Lines)));

    /// <summary>The calls to which the kernel returned an error so far: nobody may have looked.</summary>
    public Story FailedCalls(VirtualClock? clock) => HostTrace.Of(clock) is { } trace
        && trace.ToTimeline().Of(TraceKind.Failure) is { IsEmpty: false } failures
        ? Add("Calls that failed so far:", failures)
        : this;

    /// <summary>What is pending, since time that goes on may change everything.</summary>
    public Story StillToCome(VirtualClock clock)
    {
        string[] pending = [.. clock.Pending.Select(item => $"{TimeText.Of(item.Due)}  {item.What}")];
        return pending.Length == 0
            ? Say("Nothing is pending: it stays so until somebody does something.")
            : List("Still to come:", pending.Take(Lines));
    }

    /// <summary>The lines, each with its end.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>A timeline's lines. Their times are right-aligned, which indents them.</summary>
    private static string[] LinesOf(Timeline timeline) =>
        timeline.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private Story AddLines(string title, IEnumerable<string> lines)
    {
        _text.AppendLine(title);
        foreach (string line in lines.DefaultIfEmpty("  nothing"))
        {
            _text.AppendLine(line);
        }

        return this;
    }
}
