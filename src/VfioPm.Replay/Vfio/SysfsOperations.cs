using System.Text;
using System.Text.Json.Nodes;
using static VfioPm.VfioOperations;

namespace VfioPm;

/// <summary>What the administrator reads and writes in sysfs: attributes of a function, and of the slot below a port.</summary>
internal static class SysfsOperations
{
    // What one read() of an attribute gives at most.
    private const int Page = 4096;

    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["sysfs_read"] = Reading(Needs.Function, OfFunction),
        ["sysfs_write"] = Writing(Needs.Attribute, OfFunction),
        ["slot_read"] = Reading(Needs.ServedSlot, OfSlot),
        ["slot_write"] = Writing(Needs.ServedSlot, OfSlot),
    };

    private delegate (PciSysfs Folder, string Attribute) Location(VfioMachine machine, JsonObject asked);

    private static VfioOperation Reading(Func<VfioMachine, JsonObject, string?> needs, Location at) =>
        new(["ret", "value"], needs, (machine, asked) =>
        {
            (PciSysfs folder, string attribute) = at(machine, asked);
            SysfsResult result = folder.Read(attribute);
            return result.Text is { } text
                ? new JsonObject { ["ret"] = result.Length, ["value"] = text }
                : Answer(result.Error!.Value);
        })
        {
            Begin = (machine, asked) =>
            {
                (PciSysfs folder, string attribute) = at(machine, asked);
                UserMemory page = new(Page);
                return new BegunCall(folder.BeginRead(attribute, page), result => AnswerToRead(result, page.Bytes));
            },
        };

    private static VfioOperation Writing(Func<VfioMachine, JsonObject, string?> needs, Location at) =>
        new(["ret"], needs, (machine, asked) =>
        {
            (PciSysfs folder, string attribute) = at(machine, asked);
            return AnswerToWrite(asked, folder.Write(attribute, Line(asked)));
        })
        {
            Begin = (machine, asked) =>
            {
                (PciSysfs folder, string attribute) = at(machine, asked);
                return new BegunCall(folder.BeginWrite(attribute, Line(asked)), result => AnswerToWrite(asked, result));
            },
        };

    private static (PciSysfs Folder, string Attribute) OfFunction(VfioMachine machine, JsonObject asked) =>
        (Function(machine, asked).Sysfs, Attribute(asked));

    private static (PciSysfs Folder, string Attribute) OfSlot(VfioMachine machine, JsonObject asked) =>
        (machine.Host.Topology.Sysfs, $"slots/{Function(machine, asked).SlotName}/{Attribute(asked)}");

    private static string Attribute(JsonObject asked) => asked.Required<string>("attr");

    private static JsonObject AnswerToRead(KernelResult result, ReadOnlySpan<byte> page)
    {
        JsonObject answer = Answer(result);
        if (!result.IsError)
        {
            answer["value"] = Encoding.ASCII.GetString(page[..result.Value]).TrimEnd('\n');
        }

        return answer;
    }

    private static JsonObject AnswerToWrite(JsonObject asked, KernelResult result) =>
        Answer(result.IsError ? result : Line(asked).Length);

    /// <summary>As echo writes it.</summary>
    private static string Line(JsonObject asked) => asked.Required<string>("value") + "\n";
}
