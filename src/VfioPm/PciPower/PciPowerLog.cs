using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>What the PCI core says of power in the kernel log.</summary>
internal static partial class PciPowerLog
{
    [LoggerMessage(LogLevel.Error, "{Device}: unsupported PM cap regs version ({Version})")]
    public static partial void UnsupportedPmVersion(ILogger logger, string device, int version);

    [LoggerMessage(LogLevel.Error, "{Device}: Unable to change power state from {From} to {To}, device inaccessible")]
    public static partial void Inaccessible(ILogger logger, string device, string from, string to);

    [LoggerMessage(LogLevel.Information, "{Device}: Refused to change power state from {From} to {To}")]
    public static partial void Refused(ILogger logger, string device, string from, string to);

    [LoggerMessage(LogLevel.Warning, "{Device}: not ready {Elapsed}ms after {What}; giving up")]
    public static partial void NotReady(ILogger logger, string device, int elapsed, string what);

    [LoggerMessage(LogLevel.Information, "{Device}: not ready {Elapsed}ms after {What}; waiting")]
    public static partial void Waiting(ILogger logger, string device, int elapsed, string what);

    [LoggerMessage(LogLevel.Information, "{Device}: ready {Elapsed}ms after {What}")]
    public static partial void Ready(ILogger logger, string device, int elapsed, string what);

    [LoggerMessage(LogLevel.Information, "{Device}: Data Link Layer Link Active not set in 1000 msec")]
    public static partial void NoLink(ILogger logger, string device);

    [LoggerMessage(LogLevel.Error, "{Device}: timed out waiting for pending transaction; performing {What} anyway")]
    public static partial void StillPending(ILogger logger, string device, string what);

    [LoggerMessage(LogLevel.Warning, "{Device}: Timeout waiting for NVMe ready status to clear after disable")]
    public static partial void NvmeStillReady(ILogger logger, string device);

    [LoggerMessage(LogLevel.Warning, "{Device}: Device config space inaccessible; unable to {What}")]
    public static partial void Silent(ILogger logger, string device, string what);
}
