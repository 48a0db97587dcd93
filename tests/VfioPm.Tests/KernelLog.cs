using Microsoft.Extensions.Logging;

namespace VfioPm.Tests;

/// <summary>The kernel log, as lines such as "Error 0000:01:00.0: …".</summary>
internal sealed class KernelLog : ILogger, ILoggerFactory
{
    public List<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("It is where the lines end up.");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) => Lines.Add($"{logLevel} {formatter(state, exception)}");

    public void Dispose()
    {
    }
}
