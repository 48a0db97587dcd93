using System.Text.Json.Nodes;
using static VfioPm.VfioOperations;

namespace VfioPm;

/// <summary>Cards come and go while the machine runs: what somebody does who stands before it.</summary>
internal static class SlotOperations
{
    public static IReadOnlyDictionary<string, VfioOperation> Table { get; } = new Dictionary<string, VfioOperation>
    {
        ["unplug"] = new(["ret"], Needs.Function, static (machine, asked) => Unplug(Function(machine, asked).Hardware)) { IsCall = false },
        ["plug"] = new(["ret"], Needs.Function, static (machine, asked) => Plug(Function(machine, asked).Hardware)) { IsCall = false },
    };

    /// <summary>Asks for the card, or takes it where nobody needs to be asked: the slot is off, or has no button.</summary>
    private static JsonObject Unplug(PciFunction port)
    {
        if (port.HasAttentionButton && !port.IsSlotOff)
        {
            port.PressAttentionButton();
        }
        else
        {
            port.PullCard();
        }

        return Answer(KernelResult.Success);
    }

    /// <summary>Puts the card that was there into the slot again, and asks for its power.</summary>
    private static JsonObject Plug(PciFunction port)
    {
        port.PutCardBack();
        if (port.HasAttentionButton)
        {
            port.PressAttentionButton();
        }

        return Answer(KernelResult.Success);
    }
}
