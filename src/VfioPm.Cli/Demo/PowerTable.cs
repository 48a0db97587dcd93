using System.Text;
using System.Text.Json;

namespace VfioPm.Cli;

/// <summary>
/// The table in the text of the RFC's first patch: in which states an unused function and the bridge above it end
/// up, on a platform that can cut their power and on one that cannot, before and with the patches.
/// </summary>
internal sealed class PowerTable
{
    private const string NoPowerCut = "no-power-cut";
    private const string PowerCut = "power-cut";

    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(2);

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    };

    private readonly Row[] _rows;

    private PowerTable(Row[] rows) => _rows = rows;

    /// <summary>Runs the model for every cell.</summary>
    public static PowerTable Measure() => new(
    [
        Measure(NoPowerCut, KernelProfile.PreRfc),
        Measure(NoPowerCut, KernelProfile.RfcV1),
        Measure(PowerCut, KernelProfile.PreRfc),
        Measure(PowerCut, KernelProfile.RfcV1),
    ]);

    public string ToJson() => JsonSerializer.Serialize(_rows, Json);

    public string ToText() => new StringBuilder()
        .AppendLine("        platform | before     | with the patches")
        .AppendLine("-----------------|------------|-----------------")
        .AppendLine($"cannot cut power | {Cell(NoPowerCut, KernelProfile.PreRfc)} | {Cell(NoPowerCut, KernelProfile.RfcV1)}")
        .AppendLine($"   can cut power | {Cell(PowerCut, KernelProfile.PreRfc)} | {Cell(PowerCut, KernelProfile.RfcV1)}")
        .ToString();

    private static Row Measure(string platform, KernelProfile profile)
    {
        using var host = new SimulatedHost(profile);
        PciDevice bridge = host.AddRootPort(
            "0000:00:03.0", setup => _ = platform == PowerCut ? setup.WithPowerResource() : setup);
        PciDevice function = bridge.AddEndpoint("0000:01:00.0");
        host.VfioPci.Bind(function);
        host.Clock.Advance(LongEnough);
        return new Row(platform, profile.Name, StateOf(function), StateOf(bridge));
    }

    private static string StateOf(PciDevice device) => device.Sysfs.Read("power_state").ToString();

    private string Cell(string platform, KernelProfile profile)
    {
        Row row = Array.Find(_rows, row => row.Platform == platform && row.Profile == profile.Name)!;
        return $"{row.Function} / {row.Bridge}";
    }

    private sealed record Row(string Platform, string Profile, string Function, string Bridge);
}
