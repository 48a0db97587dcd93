using System.Text.Json.Nodes;
using static VfioPm.VfioOperations;

namespace VfioPm;

/// <summary>What a device does by itself. No recorder of a real kernel has these: it is not the device.</summary>
internal static class SiliconOperations
{
    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["irq"] = new(["ret", "sent"], Needs.Function, Interrupt) { IsCall = false },
        ["pme"] = new(["ret", "sent"], Needs.Function, static (machine, asked) =>
            Sent(Function(machine, asked).Hardware.AssertPme()))
        { IsCall = false },
    };

    private static JsonObject Interrupt(VfioMachine machine, JsonObject asked)
    {
        PciFunction silicon = Function(machine, asked).Hardware;
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

    private static JsonObject Sent(bool isSent)
    {
        JsonObject answer = Answer(KernelResult.Success);
        answer["sent"] = isSent;
        return answer;
    }
}
