using System.IO.Compression;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>The page of the recording format names each field that recordings have, and no other.</summary>
public sealed partial class RecordingPageTests
{
    private static readonly Lazy<IReadOnlyList<JsonObject>> Vfio = new(() =>
        [.. Archives("Vfio/Recordings/linux-6.1"), .. Emitted()]);

    private static readonly Lazy<IReadOnlyList<JsonObject>> Rpm = new(() => [.. Archives("RuntimePm/Recordings")]);

    [Fact]
    public void The_headers_of_vfio_recordings_are_as_the_page_says()
    {
        JsonObject[] headers = [.. Vfio.Value.Where(IsHeader)];

        Rows("vfio-pm-trace/1: the header").Should().BeEquivalentTo(Names(headers));
        Rows("kernel and module").Should().BeEquivalentTo(
        [
            .. Names(headers.Select(header => header["kernel"])).Select(name => $"kernel.{name}"),
            .. Names(headers.Select(header => header["module"])).Select(name => $"module.{name}"),
        ]);
        Rows("platform").Should().BeEquivalentTo(Names(headers.SelectMany(header => header["platform"]!.AsArray())));
        Rows("functions").Should().BeEquivalentTo(Names(headers.SelectMany(header => header["functions"]!.AsArray())));
    }

    [Fact]
    public void The_events_of_vfio_recordings_are_as_the_page_says()
    {
        JsonObject[] events = [.. Vfio.Value.Where(line => !IsHeader(line))];
        string[] common = [.. Rows("vfio-pm-trace/1: events")];

        Rows("state").Should().BeEquivalentTo(Names(events.SelectMany(played => played["state"]!.AsObject().Select(pair => pair.Value))));
        foreach (IGrouping<string, JsonObject> operation in events.GroupBy(played => played["op"]!.GetValue<string>()))
        {
            FieldsOf(operation.Key).Should().BeEquivalentTo(Names(operation).Except(common), "{0} is so", operation.Key);
        }

        Operations().Should().BeEquivalentTo(events.Select(played => played["op"]!.GetValue<string>()).Distinct());
    }

    [Fact]
    public void Recordings_of_runtime_PM_are_as_the_page_says()
    {
        JsonObject[] headers = [.. Rpm.Value.Where(IsHeader)];
        JsonObject[] events = [.. Rpm.Value.Where(line => !IsHeader(line))];

        Rows("rpm-trace/1: the header").Should().BeEquivalentTo(Names(headers));
        Rows("devices").Should().BeEquivalentTo(Names(headers.SelectMany(header => header["devices"]!.AsArray())));
        Rows("rpm-trace/1: events").Should().BeEquivalentTo(Names(events));
        Quoted().Matches(Section("calls")).Select(match => match.Groups[1].Value)
            .Should().Contain(events.Select(played => played["call"]!.GetValue<string>()).Distinct());
    }

    private static bool IsHeader(JsonObject line) => line.ContainsKey("format");

    private static IEnumerable<string> Names(IEnumerable<JsonNode?> objects) =>
        objects.OfType<JsonObject>().SelectMany(known => known.Select(pair => pair.Key)).Distinct();

    /// <summary>The lines of all archives in a folder of the tests.</summary>
    private static IEnumerable<JsonObject> Archives(string folder)
    {
        foreach (string archive in Directory.GetFiles(Path.Combine(SourceFiles.Root, "tests/VfioPm.Tests", folder), "*.br"))
        {
            using var text = new StreamReader(new BrotliStream(File.OpenRead(archive), CompressionMode.Decompress));
            while (text.ReadLine() is { } line)
            {
                yield return JsonNode.Parse(line)!.AsObject();
            }
        }
    }

    /// <summary>What the tool writes: fields and operations that no recorder of a real kernel has.</summary>
    private static IEnumerable<JsonObject> Emitted()
    {
        var scenario = Scenario.Parse(
            "emitted.sc",
            """
            bind ep
            open ep
            irq ep intx
            irq ep intx off
            irq ep msix 0
            pme ep
            cycle_read ep M 8 4
            cycle_write ep M 8 00000000
            bus_reset ep
            power_cycle ep
            """);
        Recording recording = ScenarioRun.Play(scenario, KernelProfile.Linux6_1, ScenarioTopology.Named("b")).Recording;
        return [recording.Header, .. recording.Events, ServedHeader()];
    }

    private static JsonObject ServedHeader()
    {
        using SimulatedHost host = new(KernelProfile.Linux6_1);
        VfioMachine machine = new(host, new Dictionary<string, string> { ["rp"] = host.AddRootPort("0000:00:03.0").Name });
        return MachineHeader.Of(machine, new ScenarioHead { Name = "served" });
    }

    /// <summary>The first column of a section's table.</summary>
    private static IEnumerable<string> Rows(string heading) => Row().Matches(Section(heading)).Select(match => match.Groups[1].Value);

    private static IEnumerable<string> Operations() =>
        OperationRow().Matches(Section("operations")).SelectMany(row => Quoted().Matches(row.Groups[1].Value)).Select(match => match.Groups[1].Value);

    /// <summary>What an operation's row says that is asked and answered.</summary>
    private static IEnumerable<string> FieldsOf(string operation) => OperationRow().Matches(Section("operations"))
        .Where(row => row.Groups[1].Value.Contains($"`{operation}`", StringComparison.Ordinal))
        .SelectMany(row => Quoted().Matches(row.Groups[2].Value))
        .Select(match => match.Groups[1].Value)
        .Distinct();

    private static string Section(string heading) => Regex.Match(
        SourceFiles.Read("docs/recordings.md"), $@"^##+ {Regex.Escape(heading)}\n(.*?)(?=^#|\z)", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;

    [GeneratedRegex(@"^\| `([\w.]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| (`\w+`(?:, `\w+`)*) \|(.*)\|$", RegexOptions.Multiline)]
    private static partial Regex OperationRow();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex Quoted();
}
