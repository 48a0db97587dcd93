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

    [LoggerMessage("{Device}: not ready {Elapsed}ms after {What}; giving up")]
    public static partial void NotReady(ILogger logger, LogLevel level, string device, int elapsed, string what);

    [LoggerMessage(LogLevel.Information, "{Device}: not ready {Elapsed}ms after {What}; waiting")]
    public static partial void Waiting(ILogger logger, string device, int elapsed, string what);

    [LoggerMessage(LogLevel.Information, "{Device}: ready {Elapsed}ms after {What}")]
    public static partial void Ready(ILogger logger, string device, int elapsed, string what);

    [LoggerMessage(LogLevel.Information, "{Device}: Data Link Layer Link Active not set in {Elapsed} msec")]
    public static partial void NoLink(ILogger logger, string device, int elapsed);

    [LoggerMessage(LogLevel.Information, "{Device}: broken device, retraining non-functional downstream link at 2.5GT/s")]
    public static partial void TrainingSlowly(ILogger logger, string device);

    [LoggerMessage(LogLevel.Information, "{Device}: removing 2.5GT/s downstream link speed restriction")]
    public static partial void TrainingFast(ILogger logger, string device);

    [LoggerMessage(LogLevel.Information, "{Device}: retraining failed")]
    public static partial void TrainingFailed(ILogger logger, string device);

    [LoggerMessage(LogLevel.Error, "{Device}: timed out waiting for pending transaction; performing {What} anyway")]
    public static partial void StillPending(ILogger logger, string device, string what);

    [LoggerMessage(LogLevel.Warning, "{Device}: {What}")]
    public static partial void Untold(ILogger logger, string device, string what);

    [LoggerMessage(LogLevel.Warning, "{Device}: All device reset methods disabled by user")]
    public static partial void NoResets(ILogger logger, string device);

    [LoggerMessage(LogLevel.Error, "{Device}: Invalid reset method '{Name}'")]
    public static partial void InvalidReset(ILogger logger, string device, string name);

    [LoggerMessage(LogLevel.Error, "{Device}: Unsupported reset method '{Name}'")]
    public static partial void UnsupportedReset(ILogger logger, string device, string name);

    [LoggerMessage(LogLevel.Error, "{Device}: Too many reset methods")]
    public static partial void TooManyResets(ILogger logger, string device);

    [LoggerMessage(LogLevel.Warning, "{Device}: Device-specific reset disabled/de-prioritized by user")]
    public static partial void OtherResetFirst(ILogger logger, string device);

    [LoggerMessage(LogLevel.Information, "{Device}: MSI/MSI-X {Allowed} for future drivers")]
    public static partial void MessagesOf(ILogger logger, string device, string allowed);

    [LoggerMessage(LogLevel.Information, "{Bus}: MSI/MSI-X {Allowed} for future drivers of devices on this bus")]
    public static partial void MessagesBelow(ILogger logger, string bus, string allowed);

    [LoggerMessage(LogLevel.Warning, "{Device}: Timeout waiting for NVMe ready status to clear after disable")]
    public static partial void NvmeStillReady(ILogger logger, string device);

    [LoggerMessage(LogLevel.Warning, "{Device}: timeout during reset")]
    public static partial void PanelStillOn(ILogger logger, string device);

    [LoggerMessage(LogLevel.Warning, "{Device}: Reset dev timeout, FLR ack reg: 0x{Acknowledged:x8}")]
    public static partial void ResetNotAcknowledged(ILogger logger, string device, uint acknowledged);

    [LoggerMessage(LogLevel.Warning, "{Device}: Device config space inaccessible; unable to {What}")]
    public static partial void Silent(ILogger logger, string device, string what);
}
