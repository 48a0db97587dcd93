using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>What vfio-pci says in the kernel log.</summary>
internal static partial class VfioLog
{
    [LoggerMessage(LogLevel.Information, "{Device}: Relaying device request to user (#{Count})")]
    public static partial void Relaying(ILogger logger, string device, int count);

    [LoggerMessage(LogLevel.Warning, "{Device}: No device request channel registered, blocked until released by user")]
    public static partial void Blocked(ILogger logger, string device);
}
