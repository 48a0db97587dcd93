using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// The scheduler's choice where a caller and a worker are busy with the same functions: whether the caller gives way.
/// Recording twice may give either, within these operations and no others.
/// </summary>
internal static class ThreadSchedules
{
    private static readonly HashSet<string> Open = ["unbind", "hot_reset", "host_cfg_read", "host_cfg_write"];

    /// <summary>The machine, and where the choice is open a copy on which it falls otherwise.</summary>
    public static IEnumerable<VfioMachine> Of(VfioMachine machine, JsonObject recorded)
    {
        if (!Open.Contains(recorded.Required<string>("op")))
        {
            return [machine];
        }

        VfioMachine other = machine.Fork();
        other.Host.Kernel.GivesWay = !machine.Host.Kernel.GivesWay;
        return [machine, other];
    }
}
