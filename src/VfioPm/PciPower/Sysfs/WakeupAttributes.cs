using System.Globalization;

namespace VfioPm;

/// <summary>The attributes of functions that can wake (<c>wakeup_attrs</c> of <c>drivers/base/power/sysfs.c</c>).</summary>
internal static class WakeupAttributes
{
    public static IReadOnlyList<PciAttribute> All { get; } =
    [
        new("power/wakeup")
        {
            IsThere = static device => device.CanWakeUp,
            Show = static device => (SysfsResult)(device.MayWakeUp ? "enabled" : "disabled"),
            Store = SetWakeup,
        },
        OfSource("power/wakeup_active", static (source, now) => source.IsActiveAt(now) ? 1 : 0),
        OfSource("power/wakeup_active_count", static (source, _) => source.ActiveCount),
        OfSource("power/wakeup_expire_count", static (source, now) => source.ExpireCountAt(now)),
        OfSource("power/wakeup_total_time_ms", static (source, now) => Milliseconds(source.TotalTimeAt(now))),
        OfSource("power/wakeup_max_time_ms", static (source, now) => Milliseconds(source.LongestTimeAt(now))),
        OfSource("power/wakeup_last_time_ms", static (source, now) => Milliseconds(source.LastTimeAt(now))),

        OfSource("power/wakeup_count", static (source, _) => source.WakeupCount),

        // It shows the same (wakeup_abort_count_show()).
        OfSource("power/wakeup_abort_count", static (source, _) => source.WakeupCount),
    ];

    /// <summary>There is nothing to count in before the function may wake.</summary>
    private static PciAttribute OfSource(string name, Func<WakeupSource, TimeSpan, long> value) => new(name)
    {
        IsThere = static device => device.CanWakeUp,
        Show = device => (SysfsResult)(device.Wakeup.Source is { } source
            ? value(source, device.Kernel.Clock.Now).ToString(CultureInfo.InvariantCulture)
            : ""),
    };

    private static long Milliseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>The port above is not told: it looks again when something else about the function changes.</summary>
    private static KernelCall<int> SetWakeup(PciDevice device, string value)
    {
        bool isEnabled = SysfsText.Is(value, "enabled");
        if (!isEnabled && !SysfsText.Is(value, "disabled"))
        {
            return -Errno.EINVAL;
        }

        device.Wakeup.SetMayWakeUp(isEnabled);
        return 0;
    }
}
