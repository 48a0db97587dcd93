using System.Text.Json.Nodes;
using static VfioPm.VfioOperations;

namespace VfioPm;

/// <summary>
/// What a device does by itself, and what happens to it on its bus, with no kernel between. No recorder of a real kernel has
/// these: it is not the device.
/// </summary>
internal static class SiliconOperations
{
    public const string Read = "cycle_read";
    public const string Write = "cycle_write";
    public const string Reset = "bus_reset";
    public const string PowerCycle = "power_cycle";

    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["irq"] = new(["ret", "sent"], Needs.Function, Interrupt) { IsCall = false },
        ["pme"] = new(["ret", "sent"], Needs.Function, static (machine, asked) =>
            Sent(Silicon(machine, asked).AssertPme()))
        { IsCall = false },
        [Read] = new(["ret", "data"], Needs.Region, ReadCycles) { IsCall = false },
        [Write] = new(["ret"], Needs.Region, WriteCycles) { IsCall = false },
        [Reset] = new(["ret"], Needs.Function, static (machine, asked) => Do(() => Silicon(machine, asked).Reset(ResetKind.Bus)))
        { IsCall = false },
        [PowerCycle] = new(["ret"], Needs.Function, static (machine, asked) => Do(() => Cycle(Silicon(machine, asked))))
        { IsCall = false },
    };

    /// <summary>A function loses its power, and has it again.</summary>
    public static void Cycle(PciFunction silicon)
    {
        silicon.SetPower(false);
        silicon.SetPower(true);
    }

    private static PciFunction Silicon(VfioMachine machine, JsonObject asked) => Function(machine, asked).Hardware;

    private static JsonObject Interrupt(VfioMachine machine, JsonObject asked)
    {
        PciFunction silicon = Silicon(machine, asked);
        if (asked.Required<string>("kind") != "intx")
        {
            return Sent(silicon.SendMessage(asked.Required<int>("vector")));
        }

        if (asked.Optional<bool>("off"))
        {
            silicon.DeassertInterrupt();
        }
        else
        {
            silicon.AssertInterrupt();
        }

        return Sent(silicon.IsInterruptPinAsserted);
    }

    private static JsonObject ReadCycles(VfioMachine machine, JsonObject asked)
    {
        byte[] buffer = new byte[asked.RequiredNumber("len", 0, InputLimits.Bytes)];
        BusCycles.Read(Silicon(machine, asked), asked.Required<int>("bar"), Offset(asked), buffer);
        return VfioOperations.Read(buffer.Length, buffer);
    }

    private static JsonObject WriteCycles(VfioMachine machine, JsonObject asked)
    {
        byte[] bytes = Value(asked);
        BusCycles.Write(Silicon(machine, asked), asked.Required<int>("bar"), Offset(asked), bytes);
        return Answer(bytes.Length);
    }

    private static JsonObject Do(Action act)
    {
        act();
        return Answer(KernelResult.Success);
    }

    private static JsonObject Sent(bool isSent)
    {
        JsonObject answer = Answer(KernelResult.Success);
        answer["sent"] = isSent;
        return answer;
    }
}
