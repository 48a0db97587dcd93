using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>A recording is a scenario with answers: its operations can be written as lines, and ask for the same again.</summary>
public sealed class WrittenLineTests
{
    [Theory]
    [InlineData("linux-6.1/b")]
    [InlineData("linux-6.1/i")]
    [InlineData("rfc-v1/f")]
    public void What_is_written_of_an_event_asks_for_it(string archive)
    {
        string[] wrong =
        [
            .. from entry in new RecordingArchive(archive).Recordings
               from recorded in entry.Recording.Events
               where (string?)recorded["op"] != ParallelStep.Name
               let written = ScenarioLanguage.Write(recorded, static address => address)
               where !AsksFor(recorded, written)
               select $"{entry.Name} {recorded["i"]}: {written}",
        ];

        wrong.Should().BeEmpty();
    }

    [Theory]
    [InlineData("feature ep set 3")]
    [InlineData("feature ep set 4 efd=wake argsz=12")]
    [InlineData("set_irqs ep 2 trigger eventfd 0 2")]
    [InlineData("set_irqs ep 0 unmask eventfd 0 1 fd=-1")]
    [InlineData("set_irqs ep 2 trigger bool 0 1 01")]
    [InlineData("hot_reset ep")]
    [InlineData("hot_reset ep groups=none flags=1")]
    [InlineData("close ep keep")]
    [InlineData("info ep null=1")]
    [InlineData("irq ep intx off")]
    [InlineData("irq ep msix 3")]
    [InlineData("ioeventfd ep 0 16 4 1 efd=wake")]
    [InlineData("sysfs_write ep reset_method pm bus")]
    [InlineData("sleep 100")]
    public void What_follows_from_the_rest_is_not_written(string line)
    {
        string? address = line.StartsWith("sleep", StringComparison.Ordinal) ? null : "0000:01:00.0";
        JsonObject said = new ScenarioLanguage(["ep"]).Read("line", 1, line).Single().Ask(null, address).Asked!;

        ScenarioLanguage.Write(said, static _ => "ep").Should().Be(line);
    }

    [Fact]
    public void Threads_are_written_in_braces()
    {
        const string Line = "par { reset ep } { sleep 5 ; set_irqs ep 0 mask none 0 1 }";
        Scenario scenario = Scenario.Parse("line", $"bind ep\nopen ep\n{Line}");
        ScenarioRun run = ScenarioRun.Play(scenario, KernelProfile.Linux6_1, ScenarioTopology.Named("b"));

        using StringWriter emitted = new();
        run.Recording.Write(emitted, run.Recording.Events);

        Scenario.Of(Recording.Read("emitted", new StringReader(emitted.ToString())).Single()).Steps[^1].Text.Should().Be(Line);
    }

    private static bool AsksFor(JsonObject recorded, string line)
    {
        JsonObject? asked = new ScenarioLanguage([]).Read("line", 1, line).Single().Ask(null, (string?)recorded["bdf"]).Asked;
        return asked is not null && asked.All(field => JsonNode.DeepEquals(field.Value, recorded[field.Key]));
    }
}
