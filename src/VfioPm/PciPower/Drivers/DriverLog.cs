using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>What the kernel's log says of drivers.</summary>
internal static partial class DriverLog
{
    [LoggerMessage(LogLevel.Error, "{Device}: probe with driver {Driver} failed with error {Error}")]
    public static partial void ProbeFailed(ILogger logger, string device, string driver, int error);

    [LoggerMessage(LogLevel.Warning, "{Device}: Driver probe function unexpectedly returned {Value}")]
    public static partial void UnexpectedProbeResult(ILogger logger, string device, int value);

    [LoggerMessage(LogLevel.Warning, "{Device}: driver left SR-IOV enabled after remove")]
    public static partial void LeftSriovEnabled(ILogger logger, string device);

    [LoggerMessage(LogLevel.Warning, "{Device}: {Wanted} VFs requested; only {Count} enabled")]
    public static partial void FewerVirtualFunctions(ILogger logger, string device, int wanted, int count);

    [LoggerMessage(LogLevel.Error, "{Device}: can't suspend ({Driver} returned {Error})")]
    public static partial void CannotSuspend(ILogger logger, string device, string driver, int error);

    [LoggerMessage(LogLevel.Warning, "{Device}: PCI PM: State of device not saved by {Driver}")]
    public static partial void StateNotSaved(ILogger logger, string device, string driver);
}
