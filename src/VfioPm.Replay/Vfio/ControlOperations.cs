using System.Text.Json.Nodes;
using static VfioPm.VfioOperations;

namespace VfioPm;

/// <summary>Resets, features and bare ioctls.</summary>
internal static class ControlOperations
{
    private const uint RecordersArgumentSize = 4096;
    private const uint VfioBase = (';' << 8) + 100;

    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["reset"] = new(["ret"], Needs.OpenFile, static (machine, recorded) => Answer(File(machine, recorded).Reset())),
        ["hot_reset"] = new(["ret", "count"], Needs.OpenFile, HotReset),
        ["hot_reset_info"] = new(["ret", "flags", "count", "devices"], Needs.OpenFile, HotResetInfo),
        ["feature"] = new(["ret", "data"], Needs.OpenFile, Feature),
        ["ioctl"] = new(["ret"], Needs.OpenFile, static (machine, recorded) =>
            Answer(Bare(File(machine, recorded), recorded.Required<uint>("number")))),
    };

    /// <summary>An ioctl of the vfio type by its number behind <c>VFIO_BASE</c>, with a null pointer.</summary>
    private static KernelResult Bare(VfioDeviceFile file, uint number) => file.Ioctl(VfioBase + number, []);

    private static JsonObject HotReset(VfioMachine machine, JsonObject recorded)
    {
        VfioDeviceFile file = File(machine, recorded);
        FileDescriptor[] groups = recorded.Required<string>("groups") switch
        {
            "own" => [file.Group],
            "all" => machine.OpenGroups(),
            "bad" => [FileDescriptor.Closed],
            _ => [],
        };
        JsonObject answer = Answer(file.HotReset(recorded.Optional<uint>("flags"), groups));
        answer["count"] = groups.Length;
        return answer;
    }

    private static JsonObject HotResetInfo(VfioMachine machine, JsonObject recorded)
    {
        uint argumentSize = recorded["argsz"] is null ? RecordersArgumentSize : recorded.Required<uint>("argsz");
        KernelResult result = File(machine, recorded).GetHotResetInfo(out HotResetInfo info, argumentSize);
        JsonObject answer = Answer(result);
        if (!result.IsError || result.Errno == Errno.ENOSPC)
        {
            answer["flags"] = 0;
            answer["count"] = info.Count;
            answer["devices"] = new JsonArray([.. info.Devices.Select(static device => new JsonObject
            {
                ["group"] = device.Group.Number,
                ["bdf"] = device.Address.ToString(),
            })]);
        }

        return answer;
    }

    private static JsonObject Feature(VfioMachine machine, JsonObject recorded)
    {
        VfioDeviceFile file = File(machine, recorded);

        // Without an argument not even the number of the feature is there.
        if ((string?)recorded["arg"] == "null")
        {
            return Answer(file.Ioctl((uint)VfioIoctl.DeviceFeature, []));
        }

        // At the edge of a page the header is there and what follows is not.
        bool hasWakeup = recorded["eventfd"] is not null && (string?)recorded["arg"] != "edge";
        FileDescriptor? wakeup = null;
        if (hasWakeup)
        {
            wakeup = InterruptOperations.Descriptor(machine, recorded, recorded["eventfd"]);
        }

        return Answer(file.Feature(new VfioFeatureRequest
        {
            ArgumentSize = recorded.Required<uint>("argsz"),
            Flags = recorded.Required<uint>("flags"),
            Wakeup = wakeup,
            Token = TokenOf(recorded),
        }));
    }

    /// <summary>What the recorder gave as data, where that is there and long enough for a token.</summary>
    private static Guid? TokenOf(JsonObject recorded)
    {
        byte[] payload = Convert.FromHexString(recorded.Optional<string>("payload") ?? "");
        return payload.Length >= VfioFeatureRequest.TokenSize && (string?)recorded["arg"] != "edge"
            ? new Guid(payload.AsSpan(0, (int)VfioFeatureRequest.TokenSize), bigEndian: true)
            : null;
    }
}
