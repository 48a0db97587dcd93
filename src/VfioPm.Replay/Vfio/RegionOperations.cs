using System.Buffers.Binary;
using System.Text.Json.Nodes;
using static VfioPm.VfioOperations;

namespace VfioPm;

/// <summary>The operations on a device's regions.</summary>
internal static class RegionOperations
{
    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["bar_read"] = new(["ret", "data"], Needs.OpenFile, ReadBar)
        {
            Begin = static (machine, asked) => BegunCall.Of(asked, memory => File(machine, asked).BeginRead(Region(asked), Offset(asked), memory)),
        },
        ["bar_write"] = new(["ret"], Needs.OpenFile, static (machine, recorded) =>
            Answer(File(machine, recorded).Write(Region(recorded), Offset(recorded), Value(recorded))))
        {
            Begin = static (machine, asked) => BegunCall.Of(
                File(machine, asked).BeginWrite(Region(asked), Offset(asked), new UserMemory(Value(asked)))),
        },
        ["ioeventfd"] = new(["ret"], Needs.OpenFile, IoEventFd),
        ["mmap"] = new(["ret"], Needs.OpenFile, static (machine, recorded) => Answer(
            File(machine, recorded).TryMap(Region(recorded), Offset(recorded), Length(recorded), out _))),
        ["mmap_read"] = new(["ret", "data", "fault"], Needs.MappedBytes, MappedRead),
        ["mmap_write"] = new(["ret", "fault"], Needs.MappedBytes, MappedWrite),
        ["munmap"] = new(["ret"], Needs.Mapping, Unmap) { Afterwards = GroupRelease.After },
    };

    /// <summary>Takes away all that is mapped of a function.</summary>
    public static void UnmapAll(VfioMachine machine, JsonObject recorded)
    {
        foreach (VfioMapping mapping in machine.Mappings(recorded.Required<string>("bdf")).ToList())
        {
            mapping.Unmap();
        }
    }

    private static JsonObject ReadBar(VfioMachine machine, JsonObject recorded)
    {
        JsonObject answer = Read(
            recorded, buffer => File(machine, recorded).Read(Region(recorded), Offset(recorded), buffer));
        if ((string?)answer["data"] is { } data)
        {
            answer["data"] = Mask(machine, recorded, data);
        }

        return answer;
    }

    private static JsonObject IoEventFd(VfioMachine machine, JsonObject recorded)
    {
        FileDescriptor eventFd = InterruptOperations.Descriptor(machine, recorded, recorded["eventfd"]);
        ulong data = recorded.Required<ulong>("value");
        return Answer(File(machine, recorded).SetIoEventFd(
            new VfioIoEventFd(Region(recorded), Offset(recorded), data, eventFd)
            {
                ArgumentSize = recorded.Required<uint>("argsz"),
                Flags = recorded.Required<uint>("flags"),
            }));
    }

    private static JsonObject MappedRead(VfioMachine machine, JsonObject recorded)
    {
        (VfioMapping mapping, long offset) = Mapping(machine, recorded);
        int width = (int)recorded.RequiredNumber("len", 1, sizeof(ulong));
        MappedAccess access = mapping.Read(offset, width);
        JsonObject answer = Touched(access, width);
        if (!access.IsFault)
        {
            byte[] bytes = new byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, access.Value);
            answer["data"] = Mask(machine, recorded, Convert.ToHexStringLower(bytes, 0, width));
        }

        return answer;
    }

    private static JsonObject MappedWrite(VfioMachine machine, JsonObject recorded)
    {
        (VfioMapping mapping, long offset) = Mapping(machine, recorded);
        byte[] value = Value(recorded);
        if (value.Length is 0 or > sizeof(ulong))
        {
            throw new RecordingException($"\"value\" is of {value.Length} bytes, and not from 1 to {sizeof(ulong)}");
        }

        byte[] bytes = [.. value, .. new byte[sizeof(ulong) - value.Length]];
        return Touched(mapping.Write(offset, value.Length, BinaryPrimitives.ReadUInt64LittleEndian(bytes)), value.Length);
    }

    private static JsonObject Unmap(VfioMachine machine, JsonObject recorded)
    {
        UnmapAll(machine, recorded);
        return Answer(0);
    }

    private static string Mask(VfioMachine machine, JsonObject recorded, string data) =>
        machine.Unknown(recorded.Required<string>("bdf")).Mask(data, Offset(recorded));

    private static JsonObject Touched(MappedAccess access, int width) => access.IsFault
        ? new JsonObject { ["ret"] = 0, ["fault"] = "SIGBUS" }
        : new JsonObject { ["ret"] = width };

    /// <summary>The mapping that the recorder takes, the oldest that holds the bytes, or null.</summary>
    public static VfioMapping? FindMapping(VfioMachine machine, JsonObject recorded)
    {
        int bar = Region(recorded);
        long offset = Offset(recorded);
        return machine.Mappings(recorded.Required<string>("bdf")).FirstOrDefault(candidate =>
            candidate.Region == bar
            && offset >= candidate.Offset
            && offset + Length(recorded) <= candidate.Offset + candidate.Length);
    }

    private static (VfioMapping Mapping, long Offset) Mapping(VfioMachine machine, JsonObject recorded)
    {
        VfioMapping mapping = FindMapping(machine, recorded)!;
        return (mapping, Offset(recorded) - mapping.Offset);
    }

    private static int Region(JsonObject recorded) => recorded.Required<int>("bar");

    private static long Length(JsonObject recorded) => recorded.Required<long>("len");
}
