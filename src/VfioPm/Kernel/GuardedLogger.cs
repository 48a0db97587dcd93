using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>
/// A logger of a test's own beside the kernel's log: what it throws comes out of the call that logged, at the end.
/// </summary>
internal sealed class GuardedLogger(ILogger logger, CallsUnderWay calls) : ILogger, IForkable
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception thrown)
        {
            calls.Keep(thrown);
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception thrown)
        {
            calls.Keep(thrown);
        }
    }

    public IForkable Fork(ForkContext fork) => new GuardedLogger(logger, fork.Of(calls));
}
