using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>What the kernel's log says of interrupt lines.</summary>
internal static partial class InterruptLog
{
    [LoggerMessage(LogLevel.Error, "irq {Irq}: nobody cared (try booting with the \"irqpoll\" option)")]
    public static partial void NobodyCared(ILogger logger, int irq);

    [LoggerMessage(LogLevel.Critical, "Disabling IRQ #{Irq}")]
    public static partial void Disabling(ILogger logger, int irq);

    [LoggerMessage(LogLevel.Error, "genirq: Flags mismatch irq {Irq} ({Device}) vs. ({Other})")]
    public static partial void FlagsMismatch(ILogger logger, int irq, string device, string other);

    [LoggerMessage(LogLevel.Warning, "Unbalanced enable for IRQ {Irq}")]
    public static partial void UnbalancedEnable(ILogger logger, int irq);
}
