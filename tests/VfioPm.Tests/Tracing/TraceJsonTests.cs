using System.Text.Json;
using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>A trace as JSON is what its schema says, and the same whenever the same happened.</summary>
public sealed class TraceJsonTests
{
    private readonly JsonNode _schema = JsonNode.Parse(SourceFiles.Read("docs/trace.schema.json"))!;

    [Fact]
    public void It_is_what_the_schema_says()
    {
        var trace = JsonNode.Parse(Run())!;

        trace.AsObject().Select(property => property.Key)
            .Should().Equal(_schema["properties"]!.AsObject().Select(property => property.Key));
        JsonObject known = _schema["$defs"]!["event"]!["properties"]!.AsObject();
        string[] kinds = [.. known["kind"]!["enum"]!.AsArray().Select(kind => kind!.GetValue<string>())];
        foreach (JsonNode? entry in trace["events"]!.AsArray())
        {
            entry!.AsObject().Select(property => property.Key).Should().BeSubsetOf(known.Select(property => property.Key))
                .And.Contain(["t_ns", "device", "kind"]);
            kinds.Should().Contain(entry["kind"]!.GetValue<string>());
        }

        trace["events"]!.AsArray().Select(entry => entry!["kind"]!.GetValue<string>()).Distinct()
            .Should().BeEquivalentTo(kinds, "the machine did everything that there is");
    }

    [Fact]
    public void It_is_the_same_every_time() => Run().Should().Be(Run());

    [Fact]
    public void An_entry_by_itself_is_the_same_event()
    {
        var machine = new Machine(KernelProfile.RfcV1);
        using VfioDeviceFile device = machine.Open();
        _ = device.EnterLowPower();

        JsonSerializer.Serialize(machine.Host.Trace.Entries[^1]).Should().Be(
            """
            {"t_ns":24000000,"device":"0000:01:00.0","kind":"failure","result":-25,"errno":"ENOTTY","cause":"user asks to permit low power","cause_device":"0000:01:00.0"}
            """);
    }

    /// <summary>A machine to which all happens that a trace can tell of.</summary>
    private static string Run()
    {
        var machine = new Machine(
            KernelProfile.RfcV1, nic: new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever });
        using VfioDeviceFile device = machine.OpenAndSleep();
        _ = device.EnterLowPower();
        device.Config.WritePmcsrState(PowerState.D0);
        return machine.Host.Trace.ToJson();
    }
}
