using System.Text;
using System.Text.Json.Nodes;
using static VfioPm.VfioOperations;

namespace VfioPm;

/// <summary>What the administrator reads and writes in sysfs: attributes of a function, and of the slot below a port.</summary>
internal static class SysfsOperations
{
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
            return AnswerToRead(result.Error is { } error ? error : result.Length, result.Text);
        })
        {
            Begin = (machine, asked) =>
            {
                (PciSysfs folder, string attribute) = at(machine, asked);
                UserMemory page = new(Page);
                return new BegunCall(
                    folder.BeginRead(attribute, page), result => AnswerToRead(result, result.IsError ? null : TextIn(page.Bytes[..result.Value])));
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

    private static JsonObject AnswerToRead(KernelResult result, string? text)
    {
        JsonObject answer = Answer(result);
        if (text is not null)
        {
            answer["value"] = text;
        }

        return answer;
    }

    private static string TextIn(ReadOnlySpan<byte> read) => Encoding.ASCII.GetString(read).TrimEnd('\n');

    private static JsonObject AnswerToWrite(JsonObject asked, KernelResult result) =>
        Answer(result.IsError ? result : Line(asked).Length);

    /// <summary>As echo writes it.</summary>
    private static string Line(JsonObject asked) => asked.Required<string>("value") + "\n";
}
