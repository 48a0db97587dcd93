using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>
/// The kernel's log (<c>printk()</c>), which is a test's: what its logger throws comes out of the call that logged, at the end.
/// </summary>
internal sealed class KernelLog(ILogger logger, CallsUnderWay calls) : ILogger, IForkable
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
            if (!calls.Keep(thrown))
            {
                throw;
            }

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
            if (!calls.Keep(thrown))
            {
                throw;
            }
        }
    }

    public IForkable Fork(ForkContext fork) => new KernelLog(logger, fork.Of(calls));
}
