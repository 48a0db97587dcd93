using Microsoft.Extensions.Logging;
using static System.FormattableString;

namespace VfioPm;

/// <summary>What the kernel's log says of a sleep of the whole machine.</summary>
internal static partial class SystemSleepLog
{
    [LoggerMessage(LogLevel.Information, "PM: suspend entry ({State})")]
    public static partial void Entry(ILogger logger, string state);

    [LoggerMessage(LogLevel.Information, "PM: suspend exit")]
    public static partial void Exit(ILogger logger);

    [LoggerMessage(LogLevel.Error, "{Device}: PM: failed to {Verb}{Phase}: error {Error}")]
    public static partial void Failed(ILogger logger, string device, string verb, string phase, int error);

    [LoggerMessage(LogLevel.Information, "{Device}: not prepared for power transition: code {Error}")]
    public static partial void NotPrepared(ILogger logger, string device, int error);

    [LoggerMessage(LogLevel.Error, "PM: Some devices failed to suspend, or early wake event detected")]
    public static partial void DevicesFailed(ILogger logger);

    [LoggerMessage(LogLevel.Error, "PM: {Phase} suspend of devices failed")]
    public static partial void PhaseFailed(ILogger logger, string phase);

    [LoggerMessage(LogLevel.Information, "PM: suspend debug: Waiting for {Seconds} second(s).")]
    public static partial void Testing(ILogger logger, int seconds);

    [LoggerMessage(LogLevel.Error, "{Text}")]
    private static partial void SayError(ILogger logger, string text);

    /// <summary>A device did not pass through a phase; one that may do so beside others is told of as such.</summary>
    public static void Failed(ILogger logger, RuntimePmDevice device, string verb, string phase, int error) =>
        Failed(logger, device.Name, verb, device.SuspendsAsync ? $" async{phase}" : phase, error);

    /// <summary>Somebody did not get to a place where he could be frozen.</summary>
    public static void NotFrozen(ILogger logger, string what, bool isWoken, TimeSpan elapsed, int callers, bool isWorkBusy) => SayError(
        logger,
        Invariant($"Freezing {what} {(isWoken ? "aborted" : "failed")} after {(int)elapsed.TotalSeconds}.{elapsed.Milliseconds:D3} seconds ")
            + Invariant($"({callers} tasks refusing to freeze, wq_busy={(isWorkBusy ? 1 : 0)}):"));
}
