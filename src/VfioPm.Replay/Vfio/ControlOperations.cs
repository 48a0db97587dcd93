using System.Runtime.InteropServices;
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
        ["reset"] = new(["ret"], Needs.OpenFile, static (machine, recorded) => Answer(File(machine, recorded).Reset()))
        {
            Begin = static (machine, asked) => BegunCall.Of(File(machine, asked).BeginReset()),
        },
        ["hot_reset"] = new(["ret", "count"], Needs.OpenFile, HotReset) { Begin = BeginHotReset },
        ["hot_reset_info"] = new(["ret", "flags", "count", "devices"], Needs.OpenFile, HotResetInfo),
        ["feature"] = new(["ret", "data"], Needs.OpenFile, Feature)
        {
            Begin = static (machine, asked) => HasNoArgument(asked) ? null : BegunCall.Of(File(machine, asked).BeginFeature(FeatureRequest(machine, asked))),
        },
        ["ioctl"] = new(["ret"], Needs.OpenFile, static (machine, recorded) =>
            Answer(Bare(File(machine, recorded), recorded.Required<uint>("number")))),
    };

    /// <summary>An ioctl of the vfio type by its number behind <c>VFIO_BASE</c>, with a null pointer.</summary>
    private static KernelResult Bare(VfioDeviceFile file, uint number) => file.Ioctl(VfioBase + number, []);

    private static JsonObject HotReset(VfioMachine machine, JsonObject recorded)
    {
        FileDescriptor[] groups = Groups(machine, recorded);
        return AnswerToHotReset(File(machine, recorded).HotReset(recorded.Optional<uint>("flags"), groups), groups);
    }

    private static BegunCall? BeginHotReset(VfioMachine machine, JsonObject asked)
    {
        FileDescriptor[] groups = Groups(machine, asked);
        return asked["flags"] is null
            ? new BegunCall(File(machine, asked).BeginHotReset(groups), result => AnswerToHotReset(result, groups))
            : null;
    }

    private static FileDescriptor[] Groups(VfioMachine machine, JsonObject asked) => asked.Required<string>("groups") switch
    {
        "own" => [File(machine, asked).Group],
        "all" => machine.OpenGroups(),
        "bad" => [FileDescriptor.Closed],
        _ => [],
    };

    private static JsonObject AnswerToHotReset(KernelResult result, FileDescriptor[] groups)
    {
        JsonObject answer = Answer(result);
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
        return Answer(HasNoArgument(recorded)
            ? file.Ioctl((uint)VfioIoctl.DeviceFeature, [])
            : file.Feature(FeatureRequest(machine, recorded)));
    }

    /// <summary>Without an argument not even the number of the feature is there.</summary>
    private static bool HasNoArgument(JsonObject asked) => (string?)asked["arg"] == "null";

    private static VfioFeatureRequest FeatureRequest(VfioMachine machine, JsonObject asked)
    {
        // At the edge of a page the header is there and what follows is not.
        bool hasWakeup = asked["eventfd"] is not null && (string?)asked["arg"] != "edge";
        FileDescriptor? wakeup = null;
        if (hasWakeup)
        {
            wakeup = InterruptOperations.Descriptor(machine, asked, asked["eventfd"]);
        }

        return new VfioFeatureRequest
        {
            ArgumentSize = asked.Required<uint>("argsz"),
            Flags = asked.Required<uint>("flags"),
            Wakeup = wakeup,
            Token = TokenOf(asked),
            DmaBuf = DmaBufOf(asked),
        };
    }

    /// <summary>What the recorder gave as data, of which what it left out is zero.</summary>
    private static VfioDmaBufRequest? DmaBufOf(JsonObject recorded)
    {
        const int RangesAt = (int)VfioDmaBufRequest.HeaderSize / sizeof(ulong);
        if ((string?)recorded["arg"] == "edge")
        {
            return null;
        }

        byte[] payload = Convert.FromHexString(recorded.Optional<string>("payload") ?? "");
        Array.Resize(ref payload, Math.Max(payload.Length, (int)VfioDmaBufRequest.HeaderSize));
        ReadOnlySpan<uint> header = MemoryMarshal.Cast<byte, uint>(payload);
        ReadOnlySpan<ulong> numbers = MemoryMarshal.Cast<byte, ulong>(payload)[RangesAt..];
        var ranges = new VfioDmaRange[Math.Min(header[3], numbers.Length / 2)];
        for (int i = 0; i < ranges.Length; i++)
        {
            ranges[i] = new VfioDmaRange(numbers[2 * i], numbers[(2 * i) + 1]);
        }

        return new VfioDmaBufRequest(header[0], ranges) { Flags = header[2] };
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
