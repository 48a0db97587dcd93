using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>The fields of <c>dev->power</c> as <c>rpm-trace/1</c> writes them.</summary>
internal static class RpmState
{
    /// <summary>A record of each device, by name.</summary>
    public static JsonObject OfEach(RuntimePmCore core, Func<RuntimePmDevice, JsonObject> describe) =>
        new(core.Devices.Select(device => KeyValuePair.Create(device.Name, (JsonNode?)describe(device))));

    /// <summary>A device's entry of <c>state</c>.</summary>
    public static JsonObject Of(RuntimePmDevice device)
    {
        JsonObject state = new()
        {
            ["status"] = Word(device.Status),
            ["usage"] = device.UsageCount,
            ["child_count"] = device.ChildCount,
            ["disable_depth"] = device.DisableDepth,
            ["runtime_error"] = device.RuntimeError.Value,
            ["request_pending"] = device.RequestPending,
            ["request"] = Word(device.Request),
            ["deferred_resume"] = device.DeferredResume,
            ["use_autosuspend"] = device.UseAutosuspend,
            ["autosuspend_delay"] = device.AutosuspendDelay,
            ["timer_autosuspends"] = device.TimerAutosuspends,
            ["timer_pending"] = device.TimerExpires is not null,
            ["runtime_auto"] = device.RuntimeAuto,
            ["ignore_children"] = device.IgnoresChildren,
            ["no_callbacks"] = device.HasNoCallbacks,
            ["irq_safe"] = device.IsIrqSafe,
            ["idle_notification"] = device.IdleNotification,
        };
        if (device.Core.Rules.RecordsLastStatus)
        {
            state["last_status"] = Word(device.LastStatus);
        }

        state["links_count"] = device.LinksCount;
        state["needs_force_resume"] = device.NeedsForceResume;
        state["links"] = new JsonObject(device.Suppliers.Select(static link =>
            KeyValuePair.Create(link.Supplier.Name, (JsonNode?)new JsonObject
            {
                ["rpm_active"] = link.RpmActive,
                ["supplier_preactivated"] = link.SupplierPreactivated,
            })));
        return state;
    }

    /// <summary>A device's entry of <c>clock</c>.</summary>
    public static JsonObject ClockOf(RuntimePmDevice device) => new()
    {
        ["last_busy_us"] = Microseconds(device.LastBusy),
        ["timer_expires_us"] = Microseconds(device.TimerExpires ?? TimeSpan.Zero),
    };

    /// <summary>A time since boot in whole microseconds.</summary>
    public static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
