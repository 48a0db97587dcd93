using System.Globalization;
using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>The header of a recording on a host of somebody's own: ports, and functions below them.</summary>
internal static class MachineHeader
{
    private const int IoFlag = 0x100;
    private const int MemoryFlag = 0x200;

    /// <summary>Describes a host as it is now.</summary>
    /// <param name="machine">The host, and what its functions are called.</param>
    /// <param name="head">What the recording is called.</param>
    public static JsonObject Of(VfioMachine machine, ScenarioHead head)
    {
        PciDevice[] functions = [.. machine.Names.Select(machine.Function)];
        JsonObject state = machine.State();
        return head.ToHeader(
            machine.Host.Profile,
            new JsonArray([.. functions.Select(PlatformOf)]),
            new JsonArray([.. functions.Select(function => FunctionOf(function, machine.AliasOf(function.Name), state[function.Name]!))]));
    }

    private static JsonObject PlatformOf(PciDevice function) => new()
    {
        ["bdf"] = function.Name,
        ["power_resource"] = function.Platform is { IsPowerManageable: true },
        ["s0w"] = function.Platform?.DeepestWakeState is { } deepest ? (int)deepest : null,
        ["notes"] = "as found",
        ["silicon"] = new JsonArray([.. BehaviorNames.Of(function.Hardware.Behavior).Select(static name => (JsonNode)name)]),
    };

    private static JsonObject FunctionOf(PciDevice function, string alias, JsonNode state) => new()
    {
        ["bdf"] = function.Name,
        ["alias"] = alias,
        ["parent"] = function.Upstream?.Name,
        ["type"] = function.Hardware.Image.IsBridge ? "root_port" : "endpoint",
        ["config"] = Convert.ToHexStringLower(function.Hardware.Image.Bytes.Span),
        ["resources"] = new JsonArray([.. function.Hardware.Image.Bars.Select(bar => ResourceOf(bar, function.Hardware.Configuration))]),
        ["reset_methods"] = new JsonArray([.. (function.Sysfs.Read("reset_method").Text ?? "")
            .Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(static method => (JsonNode)method)]),
        ["reset_attr"] = function.ResetMethods.HasAttributes,
        ["iommu_group"] = function.IommuGroup,
        ["autosuspend_delay_ms"] = function.Sysfs.Read("power/autosuspend_delay_ms").Text is { } delay
            ? int.Parse(delay, CultureInfo.InvariantCulture)
            : null,
        ["wakeup"] = function.Sysfs.Read("power/wakeup").Text?.Trim(),
        ["state"] = state.DeepClone(),
    };

    private static JsonObject ResourceOf(Bar bar, ConfigurationSpace space)
    {
        ulong start = bar.AddressIn(space);
        return new JsonObject
        {
            ["index"] = bar.Index,
            ["start"] = $"0x{start:x}",
            ["end"] = $"0x{start + bar.Size - 1:x}",
            ["flags"] = $"0x{(bar.IsIo ? IoFlag : MemoryFlag):x}",
        };
    }
}
