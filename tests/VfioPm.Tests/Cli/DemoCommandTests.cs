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
        text.Should().MatchRegex(@"\d\.\d{3} s  0000:01:00\.0  D0 → D3hot");
        text.Should().MatchRegex(@"\d\.\d{3} s  0000:01:00\.0  D3hot → D3cold +0000:00:03\.0: power switched off");
        text.Should().Contain("guest reads D3hot; kernel believes D3cold, usage 0; hardware in D3cold");
    }

    [Fact]
    public void The_demo_says_what_the_states_cost_and_whose_figures_these_are()
    {
        string text = Run("demo");

        // 0.4 W for a minute in D3hot against 0.58; without power nothing but the second before the sleep.
        text.Should().Contain("can cut power | pre-rfc   |   24.0 |           10.8 |             0.0");
        text.Should().Contain("can cut power | rfc-v1    |    0.6 |            0.0 |            34.2");
        text.Should().Contain($"Figures: {PowerRating.Intel82559.Source}.");
    }

    [Fact]
    public void The_demo_fits_a_hundred_columns() =>
        Run("demo").Split('\n').Should().OnlyContain(line => line.Length <= 100);

    [Fact]
    public void What_is_no_terminal_gets_no_colours() => Run("demo").Should().NotContain("\e[");

    [Fact]
    public void On_a_terminal_states_have_colours() =>
        Ink.Paint("D0 → D3hot").Should().Be("\e[33mD0\e[0m → \e[36mD3hot\e[0m");

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
