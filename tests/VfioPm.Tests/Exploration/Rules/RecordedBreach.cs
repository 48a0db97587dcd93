using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>A rule that breaks in a recording.</summary>
/// <param name="Rule">Which.</param>
/// <param name="How">What was seen.</param>
/// <param name="Events">What was recorded up to then.</param>
/// <param name="Host">The host by then.</param>
internal sealed record RecordedBreach(Rule Rule, string How, IReadOnlyList<JsonObject> Events, SimulatedHost Host)
{
    /// <summary>Whether root wrote registers that the kernel takes for its own: COMMAND, PMCSR, or a bridge's control.</summary>
    public bool WasMeddledWith => Of("host_cfg_write").Any(write =>
        Covers(write, PciRegisters.Command) || Covers(write, PciRegisters.BridgeControl) || CoversPmcsr(write));

    /// <summary>Whether a user wrote COMMAND of a function that he had put to sleep.</summary>
    public bool HasCommandWrittenAsleep
    {
        get
        {
            PowerState asked = PowerState.D0;
            foreach (JsonObject write in Of("cfg_write"))
            {
                asked = CoversPmcsr(write) ? StateIn(write) : asked;
                if (asked != PowerState.D0 && Covers(write, PciRegisters.Command))
                {
                    return true;
                }
            }

            return false;
        }
    }

    // Those of several threads at once are in the events one by one.
    private IEnumerable<JsonObject> Operations => Events.SelectMany(static recorded =>
        recorded["threads"] is JsonArray threads ? threads.SelectMany(static thread => thread!.AsArray()).Cast<JsonObject>() : [recorded]);

    /// <summary>Whether several threads did the last one.</summary>
    public bool IsOfThreads => Events[^1]["threads"] is not null;

    /// <summary>Whether a virtual function is in a slot that the kernel serves.</summary>
    public bool HasVirtualFunctionInSlot => Host.Devices.Any(static device => device is { IsVirtualFunction: true, Upstream.SlotName: not null });

    /// <summary>Whether a user asked for a state below D0.</summary>
    public bool HasAskedForSleep => HasAskedFor(PowerState.D1, PowerState.D2, PowerState.D3Hot);

    /// <summary>Whether a user asked for a power state.</summary>
    public bool HasAskedFor(params PowerState[] states) =>
        Of("cfg_write").Any(write => CoversPmcsr(write) && states.Contains(StateIn(write)));

    /// <summary>Whether one of these operations was done.</summary>
    public bool Has(params string[] operations) => operations.Any(operation => Of(operation).Any());

    /// <summary>Whether an attribute of a function was written.</summary>
    public bool HasWritten(string attribute) => Of("sysfs_write").Any(write => (string?)write["attr"] == attribute);

    private PowerState StateIn(JsonObject write)
    {
        int place = Pm(write)!.ControlStatusOffset - (int)write["off"]!;
        return (PowerState)(Convert.FromHexString((string)write["value"]!)[place] & PmRegisters.StateMask);
    }

    private static bool Covers(JsonObject write, int register) =>
        (int)write["off"]! <= register && register < (int)write["off"]! + (((string)write["value"]!).Length / 2);

    private IEnumerable<JsonObject> Of(string operation) => Operations.Where(each => (string?)each["op"] == operation);

    private bool CoversPmcsr(JsonObject write) => Pm(write) is { } pm && Covers(write, pm.ControlStatusOffset);

    private PmCapability? Pm(JsonObject write) =>
        Host.Devices.FirstOrDefault(device => device.Name == (string?)write["bdf"])?.Hardware.Pm;
}
