namespace VfioPm.Tests;

/// <summary>What the engine told its observer, a line each.</summary>
internal sealed class TraceRecorder : RuntimePmObserver
{
    public List<string> Lines { get; } = [];

    /// <summary>A recorder of all that happens from now on.</summary>
    public static TraceRecorder Of(RuntimePmCore core)
    {
        TraceRecorder recorder = new();
        core.Observer = recorder;
        return recorder;
    }

    public override void OnTrace(in RpmTraceEvent trace) => Lines.Add(trace.ToString());

    public override void OnStatus(RuntimePmDevice device, RuntimeStatus before) =>
        Lines.Add($"{device.Name} {before} > {device.Status}");

    public override IForkable Fork(ForkContext fork) => new TraceRecorder();
}
