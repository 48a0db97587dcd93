using System.Text.Json.Nodes;
using VfioPm.Cli;

namespace VfioPm.Tests.Cli;

public sealed class ExploreCommandTests
{
    private const string Finding = "vmm: BeginOpen(); time passes; guest: Files[^1].Config.BeginWritePmcsrState(PowerState.D3Hot); "
        + "guest: Files[^1].Config.BeginWritePmcsrState(PowerState.D0)";

    [Fact]
    public void A_rule_that_breaks_is_told_and_makes_the_exit_code_1()
    {
        (int code, string text, _) = Run("explore", "--profile", "rfc-v1", "--depth", "4", "--rule", "reset-resets");

        code.Should().Be(1);
        text.Should().StartWith("b: ").And.Contain("reset-resets: ").And.Contain($"schedule: {Finding}").And.Contain("[Fact]");
    }

    [Fact]
    public void The_first_finding_is_drawn()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("vfio-pm-explore-").FullName, "finding.html");
        Run("explore", "--profile", "rfc-v1", "--schedule", Finding, "-o", file).Code.Should().Be(1);
        string page = File.ReadAllText(file);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

        page.Should().Contain("\"what\":\"vmm: BeginOpen()\"").And.Contain("reset-resets: ");
        (int code, _, string error) = Run("explore", "--profile", "rfc-v1", "--schedule", Finding, "-o", "finding.png");
        code.Should().Be(2);
        error.Should().Contain("finding.png: the name ends in none of");
    }

    [Fact]
    public void A_rule_that_holds_makes_it_0() =>
        Run("explore", "--profile", "linux-6.1", "--depth", "3", "--rule", "reset-resets").Code.Should().Be(0);

    [Fact]
    public void The_JSON_has_what_a_program_needs()
    {
        (int code, string text, _) = Run("explore", "--profile", "rfc-v1", "--depth", "4", "--rule", "reset-resets", "--json");
        JsonObject report = JsonNode.Parse(text)!.AsObject();

        code.Should().Be(1);
        report["profile"]!.GetValue<string>().Should().Be("rfc-v1");
        report["states"]!.GetValue<int>().Should().BePositive();
        report["depth"]!.GetValue<int>().Should().Be(4);
        report["seconds"]!.GetValue<double>().Should().BePositive();
        report["complete"]!.GetValue<bool>().Should().BeTrue();
        JsonObject finding = report["findings"]!.AsArray().Should().ContainSingle().Which!.AsObject();
        finding["rule"]!.GetValue<string>().Should().Be("reset-resets");
        finding["steps"]!.AsArray().Should().HaveCount(4);
        finding["schedule"]!.GetValue<string>().Should().Be(Finding);
        finding["test"]!.GetValue<string>().Should().Contain("[Fact]");
    }

    [Fact]
    public void A_schedule_is_replayed()
    {
        Run("explore", "--profile", "rfc-v1", "--schedule", Finding).Code.Should().Be(1);
        Run("explore", "--profile", "linux-6.1", "--schedule", "vmm: BeginOpen(); time passes").Code.Should().Be(0);
    }

    [Fact]
    public void Shards_are_put_together()
    {
        string[] files = [Path.GetTempFileName(), Path.GetTempFileName()];
        try
        {
            for (int index = 0; index < files.Length; index++)
            {
                File.WriteAllText(files[index], Explore("--shard", $"{index}/2"));
            }

            JsonObject merged = JsonNode.Parse(Run("explore", "merge", files[0], files[1]).Output)!.AsObject();
            JsonObject whole = JsonNode.Parse(Explore("--json"))!.AsObject();

            merged["states"]!.GetValue<int>().Should().Be(whole["states"]!.GetValue<int>());
            merged["findings"]!.ToJsonString().Should().Be(whole["findings"]!.ToJsonString());
        }
        finally
        {
            Array.ForEach(files, File.Delete);
        }

        static string Explore(params string[] more) =>
            Run(["explore", "--profile", "rfc-v1", "--depth", "4", "--rule", "reset-resets", .. more]).Output;
    }

    [Theory]
    [InlineData("there is no profile", "--profile", "linux-0.1")]
    [InlineData("there is no topology", "--profile", "rfc-v1", "--topology", "zz")]
    [InlineData("there is no rule", "--profile", "rfc-v1", "--rule", "none")]
    [InlineData("there is no strategy", "--profile", "rfc-v1", "--strategy", "luck")]
    [InlineData("a shard is written", "--profile", "rfc-v1", "--shard", "2/2")]
    [InlineData("cannot be next", "--profile", "rfc-v1", "--schedule", "guest: sneezes")]
    [InlineData("only a breadth-first search has shards", "--profile", "rfc-v1", "--shard", "0/2", "--strategy", "pct")]
    public void What_makes_no_sense_is_told(string message, params string[] arguments)
    {
        (int code, _, string error) = Run(["explore", .. arguments]);

        code.Should().Be(2);
        error.Should().ContainEquivalentOf(message);
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        return (Program.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
