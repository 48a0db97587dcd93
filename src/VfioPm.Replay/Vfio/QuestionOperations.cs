using System.Buffers.Binary;
using System.Text.Json.Nodes;
using static VfioPm.VfioOperations;

namespace VfioPm;

/// <summary>
/// What the user asks the kernel, by ioctl: the answers are read from the structures in the user's memory, as the recorder reads them
/// (<c>linux/vfio.h</c>). Others may come between, for to be asked the function is woken.
/// </summary>
internal static class QuestionOperations
{
    private const uint VfioBase = (';' << 8) + 100;

    private const uint DeviceInfoSize = 20;

    // Where a structure says of which region or interrupt it is asked.
    private const int Index = 8;

    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["info"] = Question(
            VfioIoctl.DeviceGetInfo, ["out_argsz", "flags", "num_regions", "num_irqs"], DeviceInfoSize, static (structure, answer) =>
            {
                answer["out_argsz"] = structure.UInt32(0);
                answer["flags"] = structure.UInt32(4);
                answer["num_regions"] = structure.UInt32(8);
                answer["num_irqs"] = structure.UInt32(12);
            }),
        ["region_info"] = Question(
            VfioIoctl.DeviceGetRegionInfo, ["out_argsz", "flags", "size", "offset", "caps"], Page, static (structure, answer) =>
            {
                answer["out_argsz"] = structure.UInt32(0);
                answer["flags"] = structure.UInt32(4);
                answer["size"] = structure.UInt64(16);
                answer["offset"] = structure.UInt64(24);
                answer["caps"] = Capabilities(structure, at: (structure.UInt32(4) & (uint)VfioRegionFlags.Capabilities) == 0
                    ? 0
                    : (int)structure.UInt32(12));
            }),
        ["irq_info"] = Question(
            VfioIoctl.DeviceGetIrqInfo, ["flags", "count"], VfioIrqInfo.Size, static (structure, answer) =>
            {
                answer["flags"] = structure.UInt32(4);
                answer["count"] = structure.UInt32(12);
            }),
        ["hot_reset_info"] = Question(
            VfioIoctl.DeviceGetPciHotResetInfo, ["flags", "count", "devices"], Page, static (structure, answer) =>
            {
                int count = (int)structure.UInt32(8);
                answer["flags"] = structure.UInt32(4);
                answer["count"] = count;
                answer["devices"] = Functions(structure, (int)answer["ret"]! == 0 ? count : 0);
            }),
        ["ioctl"] = Of(["ret"], static asked => VfioBase + asked.Required<uint>("number"), static _ => [], static (_, result) => Answer(result)),
    };

    private delegate void Reader(byte[] structure, JsonObject answer);

    private static VfioOperation Question(VfioIoctl request, string[] answers, uint usualSize, Reader read) => Of(
        ["ret", .. answers],
        _ => (uint)request,
        asked => Argument(asked, usualSize),
        (structure, result) =>
        {
            JsonObject answer = Answer(result);
            if (!result.IsError || result.Errno == Errno.ENOSPC)
            {
                read(structure, answer);
            }

            return answer;
        });

    private static VfioOperation Of(
        string[] answers,
        Func<JsonObject, uint> request,
        Func<JsonObject, byte[]> argument,
        Func<byte[], KernelResult, JsonObject> answer) => new(answers, Needs.OpenFile, (machine, asked) =>
        {
            byte[] structure = argument(asked);
            return answer(structure, File(machine, asked).Ioctl(request(asked), structure));
        })
        {
            Begin = (machine, asked) =>
            {
                UserMemory memory = new(argument(asked));
                return new BegunCall(
                    File(machine, asked).BeginIoctl(request(asked), memory), result => answer(memory.Bytes.ToArray(), result));
            },
        };

    /// <summary>A page that begins with the structure's size; with "arg", no memory at all.</summary>
    private static byte[] Argument(JsonObject asked, uint usualSize)
    {
        if (asked["arg"] is not null)
        {
            return [];
        }

        byte[] structure = new byte[Page];
        BinaryPrimitives.WriteUInt32LittleEndian(structure, asked["argsz"] is null ? usualSize : asked.Required<uint>("argsz"));
        if (asked["index"] is not null)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(structure.AsSpan(Index), asked.Required<uint>("index"));
        }

        return structure;
    }

    /// <summary>The chain of <c>struct vfio_info_cap_header</c>: what it is, its version, and where the next one is.</summary>
    private static JsonArray Capabilities(byte[] structure, int at)
    {
        JsonArray capabilities = [];
        for (; at != 0; at = (int)structure.UInt32(at + 4))
        {
            capabilities.Add(new JsonObject { ["id"] = structure.UInt16(at), ["version"] = structure.UInt16(at + 2) });
        }

        return capabilities;
    }

    /// <summary>As many of <c>struct vfio_pci_dependent_device</c>.</summary>
    private static JsonArray Functions(byte[] structure, int count) =>
    [
        .. Enumerable.Range(0, count).Select(which => (int)(HotResetInfo.HeaderSize + (which * HotResetInfo.DeviceSize))).Select(at => new JsonObject
        {
            ["group"] = structure.UInt32(at),
            ["bdf"] = new PciAddress(structure.UInt16(at + 4), structure[at + 6], (byte)(structure[at + 7] >> 3), (byte)(structure[at + 7] & 7))
                .ToString(),
        }),
    ];

    private static ushort UInt16(this byte[] structure, int at) => BinaryPrimitives.ReadUInt16LittleEndian(structure.AsSpan(at));

    private static uint UInt32(this byte[] structure, int at) => BinaryPrimitives.ReadUInt32LittleEndian(structure.AsSpan(at));

    private static ulong UInt64(this byte[] structure, int at) => BinaryPrimitives.ReadUInt64LittleEndian(structure.AsSpan(at));
}
