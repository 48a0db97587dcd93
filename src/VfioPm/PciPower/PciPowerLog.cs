using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>What the PCI core says of power in the kernel log.</summary>
internal static partial class PciPowerLog
{
    [LoggerMessage(LogLevel.Error, "{Device}: unsupported PM cap regs version ({Version})")]
    public static partial void UnsupportedPmVersion(ILogger logger, string device, int version);

    [LoggerMessage(LogLevel.Error, "{Device}: Unable to change power state from {From} to {To}, device inaccessible")]
    public static partial void Inaccessible(ILogger logger, string device, PowerState from, PowerState to);

    [LoggerMessage(LogLevel.Information, "{Device}: Refused to change power state from {From} to {To}")]
    public static partial void Refused(ILogger logger, string device, PowerState from, PowerState to);

    [LoggerMessage(LogLevel.Warning, "{Device}: not ready {Elapsed}ms after reset; giving up")]
    public static partial void NotReady(ILogger logger, string device, int elapsed);
}
