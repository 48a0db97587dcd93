using System.Buffers.Binary;
using System.Text.Json.Nodes;
using static VfioPm.VfioOperations;

namespace VfioPm;

/// <summary>Resets and features.</summary>
internal static class ControlOperations
{
    // The number that the recorder passes where no file has it.
    private const int ClosedNumber = 777;

    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["reset"] = new(["ret"], Needs.OpenFile, static (machine, recorded) => Answer(File(machine, recorded).Reset()))
        {
            Begin = static (machine, asked) => BegunCall.Of(File(machine, asked).BeginReset()),
        },
        ["hot_reset"] = new(["ret", "count"], Needs.OpenFile, HotReset) { Begin = BeginHotReset },
        ["feature"] = new(["ret", "data"], Needs.OpenFile, Feature) { Begin = BeginFeature },
    };

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

    private static JsonObject Feature(VfioMachine machine, JsonObject recorded) =>
        WithFeatureArgument(machine, recorded, (file, argument) => Answer(file.Ioctl((uint)VfioIoctl.DeviceFeature, argument)));

    private static BegunCall BeginFeature(VfioMachine machine, JsonObject asked) => BegunCall.Of(WithFeatureArgument(
        machine, asked, static (file, argument) => file.BeginIoctl((uint)VfioIoctl.DeviceFeature, new UserMemory(argument))));

    /// <summary>
    /// The recorder's argument: a page, which is zero behind the data; at the edge of one only the header is there, and a null
    /// pointer is no memory. The number that an eventfd has there is another's once the kernel has read it.
    /// </summary>
    private static T WithFeatureArgument<T>(VfioMachine machine, JsonObject asked, Func<VfioDeviceFile, byte[], T> call)
    {
        VfioDeviceFile file = File(machine, asked);
        string? where = (string?)asked["arg"];
        if (where == "null")
        {
            return call(file, []);
        }

        byte[] data = Convert.FromHexString(asked.Optional<string>("payload") ?? "");
        byte[] argument = new byte[Math.Max(Page, VfioFeatureRequest.HeaderSize + data.Length)];
        Span<byte> behindHeader = argument.AsSpan((int)VfioFeatureRequest.HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(argument, asked.Required<uint>("argsz"));
        BinaryPrimitives.WriteUInt32LittleEndian(argument.AsSpan(sizeof(uint)), asked.Required<uint>("flags"));
        data.CopyTo(behindHeader);
        if (where == "edge")
        {
            return call(file, argument[..(int)VfioFeatureRequest.HeaderSize]);
        }

        if (asked["eventfd"] is not { } eventFd)
        {
            return call(file, argument);
        }

        DescriptorTable numbers = machine.Host.VfioPci.Descriptors;
        FileDescriptor wakeup = InterruptOperations.Descriptor(machine, asked, eventFd);
        int number = wakeup == FileDescriptor.None ? -1 : wakeup == FileDescriptor.Closed ? ClosedNumber : numbers.Install(wakeup);
        BinaryPrimitives.WriteInt32LittleEndian(behindHeader, number);
        T result = call(file, argument);
        numbers.Close(number);
        return result;
    }
}
