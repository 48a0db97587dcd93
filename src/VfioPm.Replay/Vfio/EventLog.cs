namespace VfioPm;

/// <summary>
/// What happens on a machine until the recorder looks: ftrace's lines, and how much else there would be in a trace. It is less work
/// than that.
/// </summary>
internal sealed class EventLog : IOperationListener, IKernelLogListener, IRuntimePmListener, IPciPowerListener
{
    private readonly List<RpmTraceEvent> _lines = [];

    public EventLog()
    {
    }

    private EventLog(EventLog original)
    {
        _lines.AddRange(original._lines);
        Count = original.Count;
    }

    /// <summary>How much happened, the lines included.</summary>
    public int Count { get; private set; }

    /// <summary>The lines.</summary>
    public IReadOnlyList<RpmTraceEvent> Lines => _lines;

    /// <summary>Listens to a host.</summary>
    public void Add(SimulatedHost host)
    {
        host.Clock.Operations.Add(this);
        host.RuntimePm.Log.Events.Add(this);
        host.RuntimePm.Events.Add(this);
        host.Topology.Events.Add(this);
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _lines.Clear();
        Count = 0;
    }

    void IRuntimePmListener.OnTrace(in RpmTraceEvent trace)
    {
        _lines.Add(trace);
        Count++;
    }

    void IRuntimePmListener.OnStatus(RuntimePmDevice device, RuntimeStatus before) => Count++;

    void IRuntimePmListener.OnUsageCount(RuntimePmDevice device, int before) => Count++;

    void IPciPowerListener.OnPowerState(PciDevice device, PowerState before) => Count++;

    void IPciPowerListener.OnHardwareState(PciDevice device, PowerState before) => Count++;

    void IOperationListener.OnOperation(string what, string device) => Count++;

    void IOperationListener.OnReturn(string what, string device, int result) => Count++;

    void IKernelLogListener.OnLine(KernelLogLine line) => Count++;

    IForkable IForkable.Fork(ForkContext fork) => new EventLog(this);
}
