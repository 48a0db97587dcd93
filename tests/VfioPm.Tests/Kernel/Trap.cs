using Microsoft.Extensions.Logging;

namespace VfioPm.Tests;

/// <summary>
/// A test's own code of every kind, on one host: listeners, a logger, registers, a driver's callbacks, a scheduler. The n-th of its calls
/// throws, or for comparison does what the model makes of one that throws. Forks share it, one is used at a time.
/// </summary>
internal sealed class Trap : IOperationListener, IPciPowerListener, IRuntimePmListener, IVfioListener, IDeviceRegisters,
    ILoggerFactory, ILogger, IKernelScheduler
{
    // -ERESTARTSYS
    private static readonly KernelResult Interrupted = new(-512);

    private int _left;
    private bool _throws;

    /// <summary>Whether the call was reached.</summary>
    public bool WasReached => _left < 0;

    public bool? WantsInterrupt => Springs() ? null : false;

    /// <summary>Adds it to a host, and a device with callbacks that functions need.</summary>
    public void Join(SimulatedHost host)
    {
        Disarm();
        host.Clock.Operations.Add(this);
        host.Topology.Events.Add(this);
        host.RuntimePm.Events.Add(this);
        host.VfioPci.Events.Add(this);
        host.Kernel.Scheduler = this;
        RuntimePmDevice supplier = host.RuntimePm.AddActive("supplier", callbacks: new DriverCallbacks
        {
            Suspend = _ => Springs() ? Interrupted : KernelResult.Success,
            Resume = _ => Springs() ? Interrupted : KernelResult.Success,
        });
        host["0000:01:00.0"].RuntimePm.AddSupplier(supplier);
    }

    /// <summary>The call of this number, from 1 on, is the one.</summary>
    public void Arm(int number, bool throws)
    {
        _left = number - 1;
        _throws = throws;
    }

    public void Disarm() => _left = int.MaxValue;

    public void OnOperation(string what, string device) => Springs();

    public void OnReturn(string what, string device, int result) => Springs();

    public void OnPowerState(PciDevice device, PowerState before) => Springs();

    public void OnHardwareState(PciDevice device, PowerState before) => Springs();

    public void OnTrace(in RpmTraceEvent trace) => Springs();

    public void OnStatus(RuntimePmDevice device, RuntimeStatus before) => Springs();

    public void OnUsageCount(RuntimePmDevice device, int before) => Springs();

    public void OnUserCall(VfioPciDevice device) => Springs();

    public ulong Read(int bar, long offset, int width) => Springs() ? ulong.MaxValue >> (64 - (8 * width)) : 0;

    public void Write(int bar, long offset, int width, ulong value) => Springs();

    public void Reset(ResetKind kind) => Springs();

    public void AddTo(ref StateHash hash)
    {
    }

    public bool Preempts(Kernel kernel, PreemptionPoint point) => !Springs() && StockScheduler.Instance.Preempts(kernel, point);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => !Springs();

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Springs();

    public void Dispose()
    {
    }

    public IForkable Fork(ForkContext fork) => this;

    private bool Springs()
    {
        bool springs = _left-- == 0;
        if (springs && _throws)
        {
            throw new TrapException();
        }

        return springs;
    }
}

/// <summary>What a <see cref="Trap"/> throws.</summary>
internal sealed class TrapException : Exception;
