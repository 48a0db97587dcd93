using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>The recorder's operations (<c>op</c>) and what they are on the model.</summary>
internal static class VfioOperations
{
    // The recorder's processor is through with an mdelay() of five seconds a little before.
    private static readonly TimeSpan RecordersTestDelay = TimeSpan.FromMilliseconds(4967);

    /// <summary>What the recorder has memory for, of a structure or of an attribute.</summary>
    internal const int Page = 4096;

    private static readonly string[] Code = ["ret"];
    private static readonly string[] Bytes = ["ret", "data"];

    private static readonly Dictionary<string, VfioOperation> All = new(
        RegionOperations.Table.Concat(InterruptOperations.Table)
            .Concat(ControlOperations.Table)
            .Concat(QuestionOperations.Table)
            .Concat(SysfsOperations.Table)
            .Concat(SlotOperations.Table)
            .Concat(SiliconOperations.Table)
            .Concat(ParallelCalls.Table))
    {
        // Until the recorder looked again, time passed; nothing else happened.
        ["sleep"] = new(Code, Needs.Nothing, static (_, _) => Answer(KernelResult.Success)) { IsCall = false },
        ["suspend"] = new(Code, Needs.Nothing, static (machine, recorded) => Answer(Suspend(machine.Host, recorded))),
        ["bind"] = new(Code, Needs.Function, static (machine, recorded) => Answer(
            IsForStub(recorded)
                ? Function(machine, recorded).TryBind(StubDriver.Of(machine.Host))
                : machine.Host.VfioPci.TryBind(Function(machine, recorded))))
        {
            Begin = static (machine, asked) => BegunCall.Of(
                IsForStub(asked)
                    ? Function(machine, asked).BeginBind(StubDriver.Of(machine.Host))
                    : machine.Host.VfioPci.BeginBind(Function(machine, asked))),
        },
        ["unbind"] = new(Code, Needs.Function, static (machine, recorded) => Unbind(machine, recorded))
        {
            ObstacleAlone = Needs.Unused,
            Begin = static (machine, asked) => BegunCall.Of(
                Bound(machine, asked) is { } bound ? bound.BeginUnbind() : Function(machine, asked).BeginUnbind()),
        },
        ["open"] = new(["ret", "stage"], Needs.Function, static (machine, recorded) => Open(machine, recorded))
        {
            Begin = static (machine, asked) => Bound(machine, asked) is { IsGroupBusy: false } device
                ? new BegunCall(device.BeginOpen(OpenOptions(asked)), AnswerToOpen)
                : null,
        },
        ["close"] = new(Code, Needs.OpenFile, static (machine, recorded) => Close(machine, recorded))
        {
            Begin = static (machine, asked) => BeginClose(machine, asked),
            Afterwards = GroupRelease.After,
        },
        ["cfg_read"] = new(Bytes, Needs.OpenFile, static (machine, recorded) =>
            Read(recorded, buffer => File(machine, recorded).Config.TryRead(Offset(recorded), buffer)))
        {
            Begin = static (machine, asked) => BegunCall.Of(asked, memory =>
                File(machine, asked).BeginRead(VfioRegion.Configuration, Offset(asked), memory)),
        },
        ["cfg_write"] = new(Code, Needs.OpenFile, static (machine, recorded) =>
            Answer(File(machine, recorded).Config.TryWrite(Offset(recorded), Value(recorded))))
        {
            Begin = static (machine, asked) => BegunCall.Of(
                File(machine, asked).BeginWrite(VfioRegion.Configuration, Offset(asked), new UserMemory(Value(asked)))),
        },
        ["host_cfg_read"] = new(Bytes, Needs.Function, static (machine, recorded) =>
            Read(recorded, buffer => Function(machine, recorded).HostConfig.Read(HostOffset(recorded), buffer)))
        {
            Begin = static (machine, asked) => BegunCall.Of(asked, memory =>
                Function(machine, asked).HostConfig.BeginRead(HostOffset(asked), memory)),
        },
        ["host_cfg_write"] = new(Code, Needs.Function, static (machine, recorded) =>
            Answer(Function(machine, recorded).HostConfig.Write(HostOffset(recorded), Value(recorded))))
        {
            Begin = static (machine, asked) => BegunCall.Of(
                Function(machine, asked).HostConfig.BeginWrite(HostOffset(asked), new UserMemory(Value(asked)))),
        },
    };

    /// <summary>The operation of a recorded event.</summary>
    /// <exception cref="RecordingException">The recorder has no such operation.</exception>
    public static VfioOperation Of(JsonObject recorded) =>
        All.TryGetValue(recorded.Required<string>("op"), out VfioOperation? operation)
            ? operation
            : throw new RecordingException($"there is no operation \"{recorded["op"]}\"");

    internal delegate KernelResult Reader(Span<byte> buffer);

    internal static PciDevice Function(VfioMachine machine, JsonObject recorded) =>
        machine.Function(recorded.Required<string>("bdf"));

    internal static VfioDeviceFile File(VfioMachine machine, JsonObject recorded) =>
        machine.File(recorded.Required<string>("bdf"));

    /// <summary>The machine goes to sleep as far as a test.</summary>
    private static KernelResult Suspend(SimulatedHost host, JsonObject recorded)
    {
        host.SystemSleep.TestDelay = RecordersTestDelay;
        KernelResult isSet = host.PowerSysfs.Write("pm_test", recorded.Required<string>("test"));
        return isSet.IsError ? isSet : host.PowerSysfs.Write("state", recorded.Required<string>("target"));
    }

    private static bool IsForStub(JsonObject asked) => asked.Optional<string>("driver") == StubDriver.Stub;

    private static VfioPciDevice? Bound(VfioMachine machine, JsonObject asked) => machine.Bound(asked.Required<string>("bdf"));

    internal static long Offset(JsonObject recorded) => recorded.Required<long>("off");

    /// <summary>Beyond the end it does not matter how far.</summary>
    private static int HostOffset(JsonObject recorded) =>
        (int)Math.Min(recorded.RequiredNumber("off", 0, long.MaxValue), int.MaxValue);

    internal static byte[] Value(JsonObject recorded) => Convert.FromHexString(recorded.Required<string>("value"));

    internal static JsonObject Answer(KernelResult result) => new() { ["ret"] = result.Value };

    internal static JsonObject Read(JsonObject recorded, Reader read)
    {
        byte[] buffer = new byte[recorded.RequiredNumber("len", 0, InputLimits.Bytes)];
        return Read(read(buffer), buffer);
    }

    internal static JsonObject Read(KernelResult result, ReadOnlySpan<byte> buffer)
    {
        JsonObject answer = Answer(result);
        if (result.Value > 0)
        {
            answer["data"] = Convert.ToHexStringLower(buffer[..result.Value]);
        }

        return answer;
    }

    private static JsonObject Unbind(VfioMachine machine, JsonObject recorded)
    {
        if (Bound(machine, recorded) is not { } bound)
        {
            return Answer(Function(machine, recorded).TryUnbind());
        }

        bound.Unbind();
        return Answer(KernelResult.Success);
    }

    private static JsonObject Open(VfioMachine machine, JsonObject recorded)
    {
        if (Bound(machine, recorded) is not { } device)
        {
            // Without a vfio driver the group has no character device.
            return new JsonObject { ["ret"] = ((KernelResult)Errno.ENOENT).Value, ["stage"] = "group" };
        }

        if (device.IsGroupBusy)
        {
            return new JsonObject { ["ret"] = ((KernelResult)Errno.EBUSY).Value, ["stage"] = "group" };
        }

        return AnswerToOpen(device.TryOpen(out _, OpenOptions(recorded)));
    }

    private static string OpenOptions(JsonObject asked) =>
        asked["token"] is null ? "" : $" vf_token={asked.Required<string>("token")}";

    private static JsonObject AnswerToOpen(KernelResult result)
    {
        JsonObject answer = Answer(result);
        if (result.IsError)
        {
            answer["stage"] = "device_fd";
        }

        return answer;
    }

    private static JsonObject Close(VfioMachine machine, JsonObject recorded)
    {
        UnmapForClose(machine, recorded);
        File(machine, recorded).Device.Files[^1].Close();
        return Answer(0);
    }

    private static BegunCall BeginClose(VfioMachine machine, JsonObject asked)
    {
        UnmapForClose(machine, asked);
        return BegunCall.Of(File(machine, asked).BeginClose());
    }

    private static void UnmapForClose(VfioMachine machine, JsonObject asked)
    {
        if (!asked.Optional<bool>("keep_mappings"))
        {
            RegionOperations.UnmapAll(machine, asked);
        }
    }
}
