using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>What a root port's PME service says in the kernel log.</summary>
internal static partial class PmeLog
{
    [LoggerMessage(LogLevel.Information, "{Port}: PME: interrupt generated for non-existent device {Device}")]
    public static partial void NoSuchDevice(ILogger logger, string port, string device);

    [LoggerMessage(LogLevel.Information, "{Port}: PME: Spurious native interrupt!")]
    public static partial void Spurious(ILogger logger, string port);
}
