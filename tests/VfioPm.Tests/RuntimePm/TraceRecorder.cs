namespace VfioPm.Tests;

/// <summary>What the engine told, a line each.</summary>
internal sealed class TraceRecorder : IRuntimePmListener
{
    public List<string> Lines { get; } = [];

    /// <summary>A recorder of all that happens from now on.</summary>
    public static TraceRecorder Of(RuntimePmCore core)
    {
        TraceRecorder recorder = new();
        core.Events.Add(recorder);
        return recorder;
    }

    public void OnTrace(in RpmTraceEvent trace) => Lines.Add(trace.ToString());

    public void OnStatus(RuntimePmDevice device, RuntimeStatus before) =>
        Lines.Add($"{device.Name} {before} > {device.Status}");

    public IForkable Fork(ForkContext fork) => new TraceRecorder();
}
