using System.Text.Json.Nodes;

namespace VfioPm.Cli;

/// <summary>The recorder's ioctls on interrupts, features and resets.</summary>
internal static class UserCallOperations
{
    private static readonly string[] Code = ["ret"];

    private static readonly Dictionary<string, VfioOperation> All = new()
    {
        ["irq_info"] = new(["ret", "flags", "count"], GetIrqInfo),
        ["set_irqs"] = new(Code, SetIrqs),
        ["eventfd_read"] = new(["ret", "count"], ReadEventFd),
        ["feature"] = new(Code, Feature),
        ["reset"] = new(Code, static (machine, recorded) => Answer(File(machine, recorded).Reset())),
        ["hot_reset"] = new(Code, HotReset),
        ["hot_reset_info"] = new(["ret", "flags", "count", "devices"], GetHotResetInfo),
        ["ioctl"] = new(Code, static (machine, recorded) =>
            Answer(File(machine, recorded).Ioctl(recorded.Required<int>("number")))),
    };

    /// <summary>The operation of a name, or null.</summary>
    public static VfioOperation? Find(string name) => All.GetValueOrDefault(name);

    private static VfioDeviceFile File(VfioMachine machine, JsonObject recorded) =>
        machine.File(recorded.Required<string>("bdf"));

    private static JsonObject Answer(KernelResult result) => new() { ["ret"] = result.Value };

    private static EventFd Slot(VfioMachine machine, JsonObject recorded, string slot) =>
        machine.Host.EventFds[$"{recorded.Required<string>("bdf")} {slot}"];

    private static FileDescriptor Descriptor(VfioMachine machine, JsonObject recorded, string name) => name switch
    {
        "-1" => FileDescriptor.None,
        "bad" => FileDescriptor.Closed,
        "file" => FileDescriptor.OtherFile,
        _ => Slot(machine, recorded, name),
    };

    private static JsonObject GetIrqInfo(VfioMachine machine, JsonObject recorded)
    {
        uint argumentSize = recorded["argsz"] is JsonValue size ? size.GetValue<uint>() : VfioIrqInfo.Size;
        KernelResult result = File(machine, recorded)
            .GetIrqInfo(recorded.Required<uint>("index"), argumentSize, out VfioIrqInfo info);
        JsonObject answer = Answer(result);
        if (!result.IsError)
        {
            answer["flags"] = (int)info.Flags;
            answer["count"] = info.Count;
        }

        return answer;
    }

    private static JsonObject SetIrqs(VfioMachine machine, JsonObject recorded)
    {
        IEnumerable<JsonNode?> names = (recorded["eventfds"] as JsonArray) ?? [];
        FileDescriptor[] descriptors = [.. names.Select(name => Descriptor(machine, recorded, name!.ToString()))];
        uint count = recorded.Required<uint>("count");
        if (descriptors.Length < count)
        {
            // The recorder writes down only so many; there was memory for all.
            Array.Resize(ref descriptors, (int)Math.Min(count, 4096));
        }

        return Answer(File(machine, recorded).SetIrqs(new VfioIrqSet
        {
            ArgumentSize = recorded.Required<uint>("argsz"),
            Flags = (VfioIrqSetFlags)recorded.Required<uint>("flags"),
            Index = recorded.Required<uint>("index"),
            Start = recorded.Required<uint>("start"),
            Count = count,
            Bools = Convert.FromHexString(recorded.Optional<string>("value") ?? ""),
            EventFds = descriptors,
        }));
    }

    private static JsonObject ReadEventFd(VfioMachine machine, JsonObject recorded)
    {
        KernelResult result = Slot(machine, recorded, recorded.Required<string>("slot")).Read(out ulong count);
        JsonObject answer = Answer(result);
        answer["count"] = count;
        return answer;
    }

    private static JsonObject Feature(VfioMachine machine, JsonObject recorded)
    {
        VfioDeviceFile file = File(machine, recorded);
        string? memory = recorded.Optional<string>("arg");
        if (memory == "null")
        {
            return Answer(file.Ioctl((int)VfioIoctl.DeviceFeature));
        }

        bool hasData = memory != "edge" && recorded["eventfd"] is not null;
        return Answer(file.Feature(new VfioFeatureRequest
        {
            ArgumentSize = recorded.Required<uint>("argsz"),
            Flags = recorded.Required<uint>("flags"),
            Wakeup = hasData
                ? Descriptor(machine, recorded, recorded.Required<string>("eventfd"))
                : default(FileDescriptor?),
        }));
    }

    private static JsonObject GetHotResetInfo(VfioMachine machine, JsonObject recorded)
    {
        uint argumentSize = recorded["argsz"] is JsonValue size ? size.GetValue<uint>() : 4096;
        KernelResult result = File(machine, recorded).GetHotResetInfo(out HotResetInfo info, argumentSize);
        JsonObject answer = Answer(result);
        if (!result.IsError || result.Errno == Errno.ENOSPC)
        {
            answer["flags"] = 0;
            answer["count"] = info.Count;
            answer["devices"] = new JsonArray([.. info.Devices.Select(device => new JsonObject
            {
                ["group"] = device.Group.Number,
                ["bdf"] = device.Address.ToString(),
            })]);
        }

        return answer;
    }

    private static JsonObject HotReset(VfioMachine machine, JsonObject recorded)
    {
        VfioDeviceFile file = File(machine, recorded);
        FileDescriptor[] groups = recorded.Required<string>("groups") switch
        {
            "own" => [file.Group],
            "bad" => [FileDescriptor.Closed],
            "none" => [],
            _ => [.. machine.OpenGroups.Select(group => (FileDescriptor)group)],
        };
        return Answer(file.HotReset(recorded.Optional<uint>("flags"), groups));
    }
}
