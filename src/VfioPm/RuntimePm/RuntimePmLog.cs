using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>What the engine says in the kernel log.</summary>
internal static partial class RuntimePmLog
{
    [LoggerMessage(LogLevel.Warning, "{Device}: Runtime PM usage count underflow!")]
    public static partial void UsageCountUnderflow(ILogger logger, string device);

    [LoggerMessage(LogLevel.Warning, "{Device}: Unbalanced pm_runtime_enable!")]
    public static partial void UnbalancedEnable(ILogger logger, string device);

    [LoggerMessage(LogLevel.Warning, "{Device}: Enabling runtime PM for inactive device with active children")]
    public static partial void EnabledWithActiveChildren(ILogger logger, string device);

    [LoggerMessage(
        LogLevel.Error,
        "{Device}: runtime PM trying to activate child device {Child} but parent ({Parent}) is not active")]
    public static partial void ParentNotActive(ILogger logger, string device, string child, string parent);
}
