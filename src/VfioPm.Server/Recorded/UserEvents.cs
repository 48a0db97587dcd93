using System.Text.Json.Nodes;

namespace VfioPm.Server;

/// <summary>
/// The ioctls and accesses of a user of vfio-pci as events say them (docs/recordings.md): what is asked for, and what is answered.
/// </summary>
/// <param name="address">Of the function.</param>
internal sealed class UserEvents(string address)
{
    public JsonObject Of(string operation) => new() { ["op"] = operation, ["bdf"] = address };

    public JsonObject Info(DeviceInfoStructure asked) => With(Of("info"), ("argsz", asked.ArgumentSize));

    public static JsonObject Answer(KernelResult result, DeviceInfoStructure info) => AnswerOf(
        result, ("out_argsz", info.ArgumentSize), ("flags", info.Flags), ("num_regions", info.RegionCount), ("num_irqs", info.IrqCount));

    public JsonObject RegionInfo(RegionInfoStructure asked) =>
        With(Of("region_info"), ("index", asked.Index), ("argsz", asked.ArgumentSize));

    public static JsonObject Answer(KernelResult result, RegionInfoStructure info)
    {
        JsonObject answer = AnswerOf(
            result, ("out_argsz", info.ArgumentSize), ("flags", info.Flags), ("size", info.Size), ("offset", info.Offset));
        if (!result.IsError)
        {
            // What stands behind the structure was not asked for.
            answer["caps"] = new JsonArray();
        }

        return answer;
    }

    public JsonObject IrqInfo(IrqInfoStructure asked) => With(Of("irq_info"), ("index", asked.Index), ("argsz", asked.ArgumentSize));

    public static JsonObject Answer(KernelResult result, IrqInfoStructure info) =>
        AnswerOf(result, ("flags", info.Flags), ("count", info.Count));

    /// <param name="asked">The header.</param>
    /// <param name="bools">The data that are no eventfds.</param>
    /// <param name="eventFds">How many eventfds come with it; none are -1 for each.</param>
    public JsonObject SetIrqs(IrqSetStructure asked, ReadOnlySpan<byte> bools, int eventFds)
    {
        JsonObject said = With(Of("set_irqs"), ("index", asked.Index), ("start", asked.Start), ("count", asked.Count));
        said["action"] = asked.Action() switch
        {
            VfioIrqSetFlags.ActionMask => "mask",
            VfioIrqSetFlags.ActionUnmask => "unmask",
            _ => "trigger",
        };
        said["data_type"] = asked.Data() switch
        {
            VfioIrqSetFlags.DataEventFd => "eventfd",
            VfioIrqSetFlags.DataBool => "bool",
            _ => "none",
        };
        if (!bools.IsEmpty)
        {
            said["value"] = Convert.ToHexStringLower(bools);
        }

        if (asked.Data() == VfioIrqSetFlags.DataEventFd)
        {
            said["eventfds"] = new JsonArray([.. Enumerable.Range(0, (int)asked.Count).Select(i =>
                eventFds == 0 ? (JsonNode)(-1) : $"irq{asked.Index}.{asked.Start + i}")]);
        }

        return With(said, ("argsz", asked.ArgumentSize), ("flags", asked.Flags));
    }

    /// <param name="asked">The header.</param>
    /// <param name="data">What is behind it.</param>
    /// <param name="hasWakeup">Whether that is an eventfd.</param>
    public JsonObject Feature(FeatureStructure asked, ReadOnlySpan<byte> data, bool hasWakeup)
    {
        var flags = (VfioFeatureFlags)asked.Flags;
        JsonObject said = With(Of("feature"), ("number", asked.Flags & ushort.MaxValue));
        said["how"] = string.Join('|', new[] { (VfioFeatureFlags.Probe, "probe"), (VfioFeatureFlags.Get, "get"), (VfioFeatureFlags.Set, "set") }
            .Where(way => flags.HasFlag(way.Item1)).Select(static way => way.Item2));
        if (hasWakeup)
        {
            said["eventfd"] = "wake";
        }
        else if (!data.IsEmpty)
        {
            said["payload"] = Convert.ToHexStringLower(data);
        }

        return With(said, ("argsz", asked.ArgumentSize), ("flags", asked.Flags));
    }

    /// <summary>Configuration space has operations of its own.</summary>
    public JsonObject Read(RegionAccessStructure asked) => asked.Region == VfioRegion.Configuration
        ? With(Of("cfg_read"), ("off", asked.Offset), ("len", asked.Count))
        : With(Of("bar_read"), ("bar", asked.Region), ("off", asked.Offset), ("len", asked.Count));

    public JsonObject Write(RegionAccessStructure asked, ReadOnlySpan<byte> bytes)
    {
        JsonObject said = asked.Region == VfioRegion.Configuration ? Of("cfg_write") : With(Of("bar_write"), ("bar", asked.Region));
        said = With(said, ("off", asked.Offset), ("len", asked.Count));
        said["value"] = Convert.ToHexStringLower(bytes);
        return said;
    }

    private static JsonObject AnswerOf(KernelResult result, params ReadOnlySpan<(string Field, ulong Value)> fields) =>
        result.IsError ? VfioOperations.Answer(result) : With(VfioOperations.Answer(result), fields);

    private static JsonObject With(JsonObject said, params ReadOnlySpan<(string Field, ulong Value)> fields)
    {
        foreach ((string field, ulong value) in fields)
        {
            said[field] = value;
        }

        return said;
    }
}
