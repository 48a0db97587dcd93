using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>How each operation is written; docs/scenarios.md says the same in words.</summary>
internal static class LineForms
{
    private const int MostPayload = 2048;
    private const int MostBools = 512;
    private const int MostMapped = sizeof(ulong);
    private const uint FeatureMask = 0xffff;
    private const int ReadBack = 1024;
    private const int IrqSetSize = 20;
    private const int MostEventFds = 64;

    private static readonly Argument Index = Argument.Number("index", "INDEX");
    private static readonly Argument Start = Argument.Number("off", "OFFSET", long.MaxValue);

    // In the event it is in the list, in place of each eventfd.
    private static readonly Option NoEventFd = Option.OneOf("fd", "-1", "bad") with
    {
        Write = static asked => asked["eventfds"] is JsonArray { Count: > 0 } list && list[0]!.ToString() is "-1" or "bad"
            ? list[0]!.ToString()
            : null,
    };

    // In the event it is the flags, but for those that are no width.
    private static readonly Argument IoEventFdWidth = Argument.Width with
    {
        Write = static asked => HasWidth(asked) ? asked["flags"]!.ToString() : "4",
    };

    private static readonly Option IoEventFdFlags = Option.Flags with
    {
        Write = static asked => HasWidth(asked) ? null : asked["flags"]?.ToString(),
    };

    /// <summary>The forms by operation, in the order of the page.</summary>
    public static IReadOnlyDictionary<string, LineForm> All { get; } = new Dictionary<string, LineForm>
    {
        ["bind"] = new() { Options = [Option.OneOf("driver", StubDriver.Stub)] },
        ["unbind"] = new(),
        ["open"] = new(Argument.Flag("again", "again"))
        {
            Options = [Option.Name("token", "UUID", "token")],
            Obstacle = static (machine, asked) => asked["again"] is null
                && machine.FindFile(asked.Required<string>("bdf")) is not null ? $"{asked["bdf"]} is open" : null,
            Complete = static asked => asked.Remove("again"),
        },
        ["close"] = new(Argument.Flag("keep", "keep_mappings")),
        ["info"] = new() { Options = [Option.ArgumentSize, Option.Null] },
        ["region_info"] = new(Index) { Options = [Option.ArgumentSize, Option.Null] },
        ["irq_info"] = new(Index) { Options = [Option.ArgumentSize] },
        ["hot_reset_info"] = new() { Options = [Option.ArgumentSize] },
        ["cfg_read"] = new(Argument.Offset, Argument.Length),
        ["cfg_write"] = new(Argument.Offset, Argument.Bytes()),
        ["cfg_sweep"] = new(Argument.Offset, Argument.Number("count", "COUNT", Argument.MostBytes), Argument.Number("len", "WIDTH", Argument.MostBytes))
        {
            Split = Sweep,
        },
        ["bar_read"] = new(Argument.Bar, Start, Argument.LongLength),
        ["bar_write"] = new(Argument.Bar, Start, Argument.Bytes()),
        ["mmap"] = new(Argument.Bar, Start, Argument.Number("len", "LENGTH", long.MaxValue)),
        ["mmap_read"] = new(Argument.Bar, Start, Argument.Width),
        ["mmap_write"] = new(Argument.Bar, Start, Argument.Bytes(MostMapped)),
        ["munmap"] = new(),
        ["feature"] = new(
            Argument.SomeOf("how", "probe", "get", "set"),
            Argument.Number("number", "NUMBER"),
            Argument.MaybeBytes("payload", MostPayload))
        {
            Options = [Option.Name("efd", "SLOT|-1|bad|file", "eventfd"), Option.ArgumentSize, Option.Flags, Option.Null, Option.Edge],
            Complete = CompleteFeature,
        },
        ["set_irqs"] = new(
            Index,
            Argument.OneOf("action", "mask", "unmask", "trigger"),
            Argument.OneOf("data_type", "none", "bool", "eventfd"),
            Argument.Number("start", "START"),
            Argument.Number("count", "COUNT"),
            Argument.MaybeBytes("value", MostBools))
        {
            Options = [NoEventFd, Option.ArgumentSize, Option.Flags],
            Complete = CompleteInterrupts,
        },
        ["eventfd_read"] = new(Argument.Name("slot", "SLOT")),
        ["eventfd_write"] = new(Argument.Name("slot", "SLOT")),
        ["ioeventfd"] = new(Argument.Bar, Start, IoEventFdWidth, Argument.Number("value", "VALUE", long.MaxValue))
        {
            Options = [Option.Name("efd", "SLOT|-1|bad|file", "eventfd"), Option.ArgumentSize, IoEventFdFlags],
            Complete = CompleteIoEventFd,
        },
        ["reset"] = new(),
        ["hot_reset"] = new()
        {
            Options = [Option.OneOf("groups", "own", "all", "none", "bad"), Option.Flags],
            Complete = static asked => asked.TryAdd("groups", "all"),
        },
        ["ioctl"] = new(Argument.Number("number", "NUMBER", int.MaxValue)),
        ["sysfs_read"] = new(Argument.Name("attr", "ATTRIBUTE")),
        ["sysfs_write"] = new(Argument.Name("attr", "ATTRIBUTE"), Argument.Text),
        ["slot_read"] = new(Argument.Name("attr", "ATTRIBUTE")),
        ["slot_write"] = new(Argument.Name("attr", "ATTRIBUTE"), Argument.Text),
        ["host_cfg_read"] = new(Argument.Offset, Argument.Length),
        ["host_cfg_write"] = new(Argument.Offset, Argument.Bytes()),
        ["irq"] = new(Argument.Interrupt),
        ["pme"] = new(),
        ["plug"] = new(),
        ["unplug"] = new(),
        [SiliconOperations.Read] = new(Argument.Bar, Start, Argument.LongLength),
        [SiliconOperations.Write] = new(Argument.Bar, Start, Argument.Bytes()),
        [SiliconOperations.Reset] = new(),
        [SiliconOperations.PowerCycle] = new(),
        ["suspend"] = new(Argument.OneOf("target", "freeze", "mem"), Argument.OneOf("test", "freezer", "devices", "platform"))
        {
            HasFunction = false,
        },
        ["sleep"] = new(Argument.Number("ms", "MILLISECONDS")) { HasFunction = false },
    };

    /// <summary>One read after the other.</summary>
    private static IEnumerable<(string Operation, IReadOnlyList<StepField> Fields)> Sweep(IReadOnlyList<StepField> fields)
    {
        long count = Said(fields[1]);
        long width = Math.Max(Said(fields[2]), 1);
        for (long done = 0; done < count; done += width)
        {
            long before = done;
            yield return (
                "cfg_read",
                [
                    new StepField("off", function => fields[0].In(function) is { } offset ? offset.GetValue<long>() + before : null),
                    fields[2],
                ]);
        }

        static long Said(StepField field) => field.Always!.GetValue<long>();
    }

    /// <summary><c>struct vfio_device_feature</c>: its size with the data, and its flags.</summary>
    private static void CompleteFeature(JsonObject asked)
    {
        string how = asked.Required<string>("how");
        int payload = asked["eventfd"] is not null
            ? (int)VfioFeatureRequest.WakeupSize
            : asked.Optional<string>("payload")?.Length / 2 ?? 0;
        if (payload == 0 && how.Contains("get", StringComparison.Ordinal))
        {
            payload = ReadBack;
        }

        VfioFeatureFlags flags = (how.Contains("probe", StringComparison.Ordinal) ? VfioFeatureFlags.Probe : 0)
            | (how.Contains("get", StringComparison.Ordinal) ? VfioFeatureFlags.Get : 0)
            | (how.Contains("set", StringComparison.Ordinal) ? VfioFeatureFlags.Set : 0);
        asked.TryAdd("argsz", VfioFeatureRequest.HeaderSize + payload);
        asked.TryAdd("flags", (asked.Required<uint>("number") & FeatureMask) | (uint)flags);
    }

    /// <summary><c>struct vfio_irq_set</c>: its data, its size with them, and its flags.</summary>
    private static void CompleteInterrupts(JsonObject asked)
    {
        uint count = asked.Required<uint>("count");
        string action = asked.Required<string>("action");
        VfioIrqSetFlags flags = action switch
        {
            "mask" => VfioIrqSetFlags.ActionMask,
            "unmask" => VfioIrqSetFlags.ActionUnmask,
            _ => VfioIrqSetFlags.ActionTrigger,
        };
        long data = 0;
        switch (asked.Required<string>("data_type"))
        {
            case "none":
                flags |= VfioIrqSetFlags.DataNone;
                break;
            case "bool":
                flags |= VfioIrqSetFlags.DataBool;
                asked.TryAdd("value", string.Concat(Enumerable.Repeat("01", (int)Math.Min(count, MostBools))));
                data = asked.Required<string>("value").Length / 2;
                break;
            default:
                flags |= VfioIrqSetFlags.DataEventFd;
                asked["eventfds"] = EventFds(asked, action, count);
                data = sizeof(int) * (long)count;
                break;
        }

        asked.Remove("fd");
        asked.TryAdd("argsz", (uint)(IrqSetSize + data));
        asked.TryAdd("flags", (uint)flags);
    }

    private static JsonArray EventFds(JsonObject asked, string action, uint count)
    {
        uint start = asked.Required<uint>("start");
        string kind = action == "trigger" ? "irq" : action;
        return
        [
            .. Enumerable.Range(0, (int)Math.Min(count, MostEventFds)).Select(i => asked.Optional<string>("fd") switch
            {
                "-1" => (JsonNode)(-1),
                { } fd => fd,
                null => $"{kind}{asked["index"]}.{start + i}",
            }),
        ];
    }

    /// <summary><c>struct vfio_device_ioeventfd</c>: the width is among its flags.</summary>
    private static void CompleteIoEventFd(JsonObject asked)
    {
        asked.TryAdd("eventfd", "-1");
        asked.TryAdd("argsz", VfioIoEventFd.LeastArgumentSize);
        if (asked["len"] is { } width)
        {
            asked.TryAdd("flags", width.DeepClone());
            asked.Remove("len");
        }
    }

    private static bool HasWidth(JsonObject asked) => asked["flags"]?.ToString() is "1" or "2" or "4" or "8";
}
