using System.Text.Json.Nodes;
using static VfioPm.VfioOperations;

namespace VfioPm;

/// <summary>The operations on a device's interrupts, and on the eventfds that they signal.</summary>
internal static class InterruptOperations
{
    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["set_irqs"] = new(["ret"], Needs.OpenFile, static (machine, recorded) =>
            Answer(File(machine, recorded).SetIrqs(IrqSet(machine, recorded))))
        {
            Begin = static (machine, asked) => BegunCall.Of(File(machine, asked).BeginSetIrqs(IrqSet(machine, asked))),
        },
        ["eventfd_read"] = new(["ret", "count"], Needs.Function, ReadEventFd),
        ["eventfd_write"] = new(["ret"], Needs.Function, WriteEventFd),
    };

    private static VfioIrqSet IrqSet(VfioMachine machine, JsonObject recorded)
    {
        FileDescriptor[] eventFds = [.. (recorded["eventfds"] as JsonArray ?? [])
            .Select(node => Descriptor(machine, recorded, node))];
        byte[] bools = recorded["value"] is null ? [] : Value(recorded);
        return new VfioIrqSet
        {
            ArgumentSize = recorded.Required<uint>("argsz"),
            Flags = (VfioIrqSetFlags)recorded.Required<uint>("flags"),
            Index = recorded.Required<uint>("index"),
            Start = recorded.Required<uint>("start"),
            Count = recorded.Required<uint>("count"),
            Bools = bools,
            EventFds = eventFds,
        };
    }

    private static JsonObject ReadEventFd(VfioMachine machine, JsonObject recorded)
    {
        EventFd eventFd = machine.EventFd(recorded.Required<string>("bdf"), recorded.Required<string>("slot"));
        JsonObject answer = Answer(eventFd.Read(out ulong count));
        answer["count"] = count;
        return answer;
    }

    private static JsonObject WriteEventFd(VfioMachine machine, JsonObject recorded)
    {
        machine.EventFd(recorded.Required<string>("bdf"), recorded.Required<string>("slot")).Signal();
        return Answer(sizeof(ulong));
    }

    /// <summary>A descriptor as the recorder writes it down: -1, "bad", "file", or the name of an eventfd.</summary>
    internal static FileDescriptor Descriptor(VfioMachine machine, JsonObject recorded, JsonNode? node) =>
        node?.ToString() switch
        {
            null or "-1" => FileDescriptor.None,
            "bad" => FileDescriptor.Closed,
            "file" => FileDescriptor.OtherFile,
            { } slot => machine.EventFd(recorded.Required<string>("bdf"), slot),
        };
}
