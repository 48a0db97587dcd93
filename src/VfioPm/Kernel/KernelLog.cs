using System.Collections;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace VfioPm;

/// <summary>
/// What the kernel said of its devices (<c>dmesg</c>, from <c>KERN_INFO</c> up), oldest first, with its time. A guest's kernel
/// writes to its host's. It holds 10,000 lines; then the oldest go, as in the kernel.
/// </summary>
public sealed class KernelLog : IForkable, IReadOnlyList<KernelLogLine>
{
    // The kernel's buffer is one of bytes (log_buf_len), and about as large.
    private const int MostLines = 10_000;

    private readonly VirtualClock _clock;
    private ImmutableList<KernelLogLine> _lines = [];

    internal KernelLog(VirtualClock clock, ILogger logger)
    {
        _clock = clock;
        Events = new EventChannel<IKernelLogListener>(clock.Calls);
        Logger = new Writer(this, logger is NullLogger ? logger : new GuardedLogger(logger, clock.Calls));
    }

    private KernelLog(KernelLog original, ForkContext fork)
    {
        fork.Register(original, this);
        _clock = fork.Of(original._clock);
        _lines = original._lines;
        Events = fork.Of(original.Events);
        ILogger other = ((Writer)original.Logger).Other;
        Logger = new Writer(this, other is GuardedLogger guarded ? fork.Of(guarded) : other);
    }

    /// <summary>Who is told of every line.</summary>
    public EventChannel<IKernelLogListener> Events { get; }

    /// <inheritdoc/>
    public int Count => _lines.Count;

    /// <summary>Where the model writes.</summary>
    internal ILogger Logger { get; }

    /// <summary>What shows the time of the lines.</summary>
    internal VirtualClock Clock => _clock;

    /// <summary>A line; 0 is the oldest that is kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such line.</exception>
    public KernelLogLine this[int index] => _lines[index];

    /// <summary>Forgets all lines (<c>dmesg --clear</c>).</summary>
    public void Clear() => _lines = [];

    /// <inheritdoc/>
    public IEnumerator<KernelLogLine> GetEnumerator() => _lines.GetEnumerator();

    /// <summary>The lines, each with its end.</summary>
    public override string ToString() => string.Concat(_lines.Select(static line => $"{line}{Environment.NewLine}"));

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    IForkable IForkable.Fork(ForkContext fork) => new KernelLog(this, fork);

    private void Add(KernelLogLine line)
    {
        ImmutableList<KernelLogLine> kept = _lines.Count < MostLines ? _lines : _lines.RemoveAt(0);
        _lines = kept.Add(line);
        Events.Tell(line, static (listener, in it) => listener.OnLine(it));
    }

    /// <summary>Writes to the log, and to a logger of the test's own beside it.</summary>
    private sealed class Writer(KernelLog log, ILogger other) : ILogger
    {
        public ILogger Other => other;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => other.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information || other.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            other.Log(logLevel, eventId, state, exception, formatter);
            if (logLevel >= LogLevel.Information)
            {
                log.Add(new KernelLogLine(log._clock.Now, logLevel, DeviceIn(state), formatter(state, exception)));
            }
        }

        private static string DeviceIn<TState>(TState state) => state is IReadOnlyList<KeyValuePair<string, object?>> values
            && values.FirstOrDefault(static value => value.Key == "Device").Value is string device
            ? device
            : "";
    }
}
