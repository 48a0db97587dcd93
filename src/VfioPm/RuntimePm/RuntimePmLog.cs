using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>
/// What the engine says in the kernel log. Written out, because the source generator for log messages gives two classes
/// in an order that changes from build to build.
/// </summary>
internal static class RuntimePmLog
{
    private static readonly Action<ILogger, string, Exception?> Underflow = LoggerMessage.Define<string>(
        LogLevel.Warning,
        Id(nameof(UsageCountUnderflow)),
        "{Device}: Runtime PM usage count underflow!");

    private static readonly Action<ILogger, string, Exception?> Unbalanced = LoggerMessage.Define<string>(
        LogLevel.Warning,
        Id(nameof(UnbalancedEnable)),
        "{Device}: Unbalanced pm_runtime_enable!");

    private static readonly Action<ILogger, string, Exception?> ActiveChildren = LoggerMessage.Define<string>(
        LogLevel.Warning,
        Id(nameof(EnabledWithActiveChildren)),
        "{Device}: Enabling runtime PM for inactive device with active children");

    private static readonly Action<ILogger, string, string, string, Exception?> InactiveParent =
        LoggerMessage.Define<string, string, string>(
            LogLevel.Error,
            Id(nameof(ParentNotActive)),
            "{Device}: runtime PM trying to activate child device {Child} but parent ({Parent}) is not active");

    private static readonly Action<ILogger, string, int, Exception?> NoResume = LoggerMessage.Define<string, int>(
        LogLevel.Warning,
        Id(nameof(WakeIrqWithoutResume)),
        "{Device}: wake IRQ with no resume: {Error}");

    public static void UsageCountUnderflow(ILogger logger, string device) => Underflow(logger, device, null);

    public static void UnbalancedEnable(ILogger logger, string device) => Unbalanced(logger, device, null);

    public static void EnabledWithActiveChildren(ILogger logger, string device) => ActiveChildren(logger, device, null);

    public static void ParentNotActive(ILogger logger, string device, string child, string parent) =>
        InactiveParent(logger, device, child, parent, null);

    public static void WakeIrqWithoutResume(ILogger logger, string device, int error) => NoResume(logger, device, error, null);

    private static EventId Id(string name) => new(0, name);
}
