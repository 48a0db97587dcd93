using Microsoft.Extensions.Logging;

namespace VfioPm.AnyCalls;

/// <summary>
/// A test's own code of every kind: whatever it is told or asked, it does something to the host, or throws. It remembers nothing, so that
/// forks share it.
/// </summary>
internal sealed class Busybody : IOperationListener, IKernelLogListener, IPciPowerListener, IRuntimePmListener, IVfioListener, IDeviceRegisters,
    ILoggerFactory, ILogger, IKernelScheduler
{
    public static Busybody Instance { get; } = new();

    public bool? WantsInterrupt => World.Current?.Answer(6) switch
    {
        0 => true,
        1 => false,
        _ => null,
    };

    public void OnOperation(string what, string device) => Meddle(device);

    public void OnReturn(string what, string device, int result) => Meddle(device);

    public void OnLine(KernelLogLine line) => Meddle();

    public void OnHardwareState(PciDevice device, PowerState before) => Meddle(device, device.Hardware);

    public void OnPowerState(PciDevice device, PowerState before) => Meddle(device);

    public void OnReset(PciDevice device, ResetKind kind) => Meddle(device.Hardware);

    public void OnUnanswered(PciDevice device, int? bar, long offset) => Meddle(device.Hardware);

    public void OnStatus(RuntimePmDevice device, RuntimeStatus before) => Meddle(device);

    public void OnTrace(in RpmTraceEvent trace) => Meddle();

    public void OnUsageCount(RuntimePmDevice device, int before) => Meddle(device);

    public void OnUserCall(VfioPciDevice device) => Meddle(device);

    public void Connect(PciFunction owner) => Meddle(owner);

    public ulong Read(int bar, long offset, int width)
    {
        Meddle();
        return (ulong)offset;
    }

    public void Write(int bar, long offset, int width, ulong value) => Meddle();

    public void Reset(ResetKind kind) => Meddle();

    public void AddTo(ref StateHash hash)
    {
    }

    public int PickNext(Kernel kernel, IReadOnlyList<PendingEvent> ready)
    {
        int place = World.Current?.Answer(ready.Count + 8) ?? int.MaxValue;
        return place < ready.Count + 2 ? place - 1 : 0;
    }

    public bool Preempts(Kernel kernel, PreemptionPoint point) => World.Current?.Answer(4) == 0;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Meddle();

    public void Dispose()
    {
    }

    public IForkable Fork(ForkContext fork) => this;

    private static void Meddle(params ReadOnlySpan<object?> with)
    {
        if (World.Current is { } world && world.Answer(4) == 0)
        {
            world.DoNested(with);
        }
    }
}
