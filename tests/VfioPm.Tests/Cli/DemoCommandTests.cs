using System.Text.Json;
using VfioPm.Cli;

namespace VfioPm.Tests.Cli;

public sealed class DemoCommandTests
{
    [Fact]
    public void The_demo_prints_the_table_of_the_RFC()
    {
        string text = Run("demo");

        text.Should().Contain("cannot cut power | D3hot / D0 | D3hot / D3hot");
        text.Should().Contain("can cut power | D3hot / D0 | D3cold / D3cold");
    }

    [Fact]
    public void The_demo_tells_when_who_did_what_and_why()
    {
        string text = Run("demo");

        text.Should().Contain("The guest's driver writes D3hot to PMCSR.");
        text.Should().MatchRegex(@"\d\.\d{3} s  0000:01:00\.0  D0 → D3Hot");
        text.Should().MatchRegex(@"\d\.\d{3} s  0000:01:00\.0  D3Hot → D3Cold +0000:00:03\.0: power switched off");
        text.Should().Contain("guest reads D3Hot; kernel believes D3Cold, usage 0; hardware is in D3Cold");
    }

    [Fact]
    public void The_demo_says_what_the_states_cost_and_whose_figures_these_are()
    {
        string text = Run("demo");

        // Two watts for a minute in D3hot against five; without power nothing but the second before the sleep.
        text.Should().Contain("can cut power | pre-rfc   |  120.0 |          180.0 |             0.0");
        text.Should().Contain("can cut power | rfc-v1    |    5.0 |            0.1 |           294.9");
        text.Should().Contain($"Figures: {PowerRating.LaptopGpu.Source}.");
    }

    [Fact]
    public void The_demo_prints_the_same_every_time() => Run("demo").Should().Be(Run("demo"));

    [Fact]
    public void With_json_the_demo_prints_the_table_alone()
    {
        using JsonDocument table = JsonDocument.Parse(Run("demo", "--json"));

        table.RootElement.EnumerateArray()
            .Select(row => string.Join(' ', row.EnumerateObject().Select(cell => $"{cell.Name}={cell.Value}")))
            .Should().Equal(
                "platform=no-power-cut profile=pre-rfc function=D3hot bridge=D0",
                "platform=no-power-cut profile=rfc-v1 function=D3hot bridge=D3hot",
                "platform=power-cut profile=pre-rfc function=D3hot bridge=D0",
                "platform=power-cut profile=rfc-v1 function=D3cold bridge=D3cold");
    }

    [Fact]
    public void With_a_file_the_demo_draws_its_story_as_docs_pictures_has_it()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vfio-pm-demo-");
        string file = Path.Combine(folder.FullName, "demo.svg");

        Run("demo", "-o", file).Should().Be(Run("demo"));
        string drawing = File.ReadAllText(file);
        folder.Delete(recursive: true);

        drawing.Should().Be(SourceFiles.Read("docs/pictures/demo.svg"));
    }

    private static string Run(params string[] args)
    {
        using StringWriter output = new();
        Program.Run(args, output, TextWriter.Null).Should().Be(0);
        return output.ToString();
    }
}
