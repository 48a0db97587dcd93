using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>The recorder's operations (<c>op</c>) and what they are on the model.</summary>
internal static class VfioOperations
{
    private static readonly string[] Code = ["ret"];
    private static readonly string[] Bytes = ["ret", "data"];

    private static readonly Dictionary<string, VfioOperation> All = new(
        RegionOperations.Table.Concat(InterruptOperations.Table)
            .Concat(ControlOperations.Table)
            .Concat(SiliconOperations.Table))
    {
        // Until the recorder looked again, time passed; nothing else happened.
        ["sleep"] = new(Code, Needs.Nothing, static (_, _) => Answer(KernelResult.Success)),
        ["bind"] = new(Code, Needs.Function, static (machine, recorded) => Answer(machine.Host.VfioPci.TryBind(Function(machine, recorded)))),
        ["unbind"] = new(Code, Needs.Unused, static (machine, recorded) => Unbind(machine, recorded)),
        ["open"] = new(["ret", "stage"], Needs.Function, static (machine, recorded) => Open(machine, recorded)),
        ["close"] = new(Code, Needs.OpenFile, static (machine, recorded) => Close(machine, recorded)),
        ["cfg_read"] = new(Bytes, Needs.OpenFile, static (machine, recorded) =>
            Read(recorded, buffer => File(machine, recorded).Config.TryRead(Offset(recorded), buffer))),
        ["cfg_write"] = new(Code, Needs.OpenFile, static (machine, recorded) =>
            Answer(File(machine, recorded).Config.TryWrite(Offset(recorded), Value(recorded)))),
        ["host_cfg_read"] = new(Bytes, Needs.Function, static (machine, recorded) =>
            Read(recorded, buffer => Function(machine, recorded).HostConfig.Read(HostOffset(recorded), buffer))),
        ["host_cfg_write"] = new(Code, Needs.Function, static (machine, recorded) =>
            Answer(Function(machine, recorded).HostConfig.Write(HostOffset(recorded), Value(recorded)))),
        ["sysfs_read"] = new(["ret", "value"], Needs.Function, static (machine, recorded) => SysfsRead(machine, recorded)),
        ["sysfs_write"] = new(Code, Needs.Attribute, static (machine, recorded) => SysfsWrite(machine, recorded)),
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

    internal static long Offset(JsonObject recorded) => recorded.Required<long>("off");

    /// <summary>Beyond the end it does not matter how far.</summary>
    private static int HostOffset(JsonObject recorded) =>
        (int)Math.Min(recorded.RequiredNumber("off", 0, long.MaxValue), int.MaxValue);

    internal static byte[] Value(JsonObject recorded) => Convert.FromHexString(recorded.Required<string>("value"));

    internal static JsonObject Answer(KernelResult result) => new() { ["ret"] = result.Value };

    internal static JsonObject Read(JsonObject recorded, Reader read)
    {
        byte[] buffer = new byte[recorded.RequiredNumber("len", 0, InputLimits.Bytes)];
        KernelResult result = read(buffer);
        JsonObject answer = Answer(result);
        if (result.Value > 0)
        {
            answer["data"] = Convert.ToHexStringLower(buffer.AsSpan(0, result.Value));
        }

        return answer;
    }

    private static JsonObject Unbind(VfioMachine machine, JsonObject recorded)
    {
        VfioPciDevice? bound = machine.Bound(recorded.Required<string>("bdf"));
        bound?.Unbind();
        return Answer(bound is null ? Errno.ENODEV : KernelResult.Success);
    }

    private static JsonObject Open(VfioMachine machine, JsonObject recorded)
    {
        if (machine.Bound(recorded.Required<string>("bdf")) is not { } device)
        {
            // Without a vfio driver the group has no character device.
            return new JsonObject { ["ret"] = ((KernelResult)Errno.ENOENT).Value, ["stage"] = "group" };
        }

        if (device.IsGroupBusy)
        {
            return new JsonObject { ["ret"] = ((KernelResult)Errno.EBUSY).Value, ["stage"] = "group" };
        }

        string options = recorded["token"] is null ? "" : $" vf_token={recorded.Required<string>("token")}";
        KernelResult result = device.TryOpen(out _, options);
        JsonObject answer = Answer(result);
        if (result.IsError)
        {
            answer["stage"] = "device_fd";
        }

        return answer;
    }

    private static JsonObject Close(VfioMachine machine, JsonObject recorded)
    {
        if (!recorded.Optional<bool>("keep_mappings"))
        {
            RegionOperations.UnmapAll(machine, recorded);
        }

        VfioPciDevice device = File(machine, recorded).Device;
        device.Files[^1].Close();
        GroupRelease.After(machine, device);
        return Answer(0);
    }

    private static JsonObject SysfsRead(VfioMachine machine, JsonObject recorded)
    {
        SysfsResult result = Function(machine, recorded).Sysfs.Read(recorded.Required<string>("attr"));

        return result.Text is { } text
            ? new JsonObject { ["ret"] = result.Length, ["value"] = text }
            : Answer(result.Error!.Value);
    }

    private static JsonObject SysfsWrite(VfioMachine machine, JsonObject recorded)
    {
        // As echo writes it.
        string line = recorded.Required<string>("value") + "\n";
        KernelResult result = Function(machine, recorded).Sysfs.Write(recorded.Required<string>("attr"), line);
        return Answer(result.IsError ? result : line.Length);
    }
}
