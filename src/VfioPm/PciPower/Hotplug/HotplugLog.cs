using Microsoft.Extensions.Logging;

namespace VfioPm;

/// <summary>What the kernel's log says of slots (<c>pciehp_ctrl.c</c>).</summary>
internal static partial class HotplugLog
{
    [LoggerMessage(LogLevel.Information, "{Device}: pciehp: Slot({Slot}): {What}")]
    public static partial void Say(ILogger logger, string device, string? slot, string what);

    [LoggerMessage(LogLevel.Error, "{Device}: pciehp: No new device found")]
    public static partial void NoNewDevice(ILogger logger, string device);
}
