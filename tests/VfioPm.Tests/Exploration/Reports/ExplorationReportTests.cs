namespace VfioPm.Tests;

/// <summary>What shards saw, put together, is what the whole sees.</summary>
public sealed class ExplorationReportTests
{
    private static readonly ExplorationOptions Options = new() { Depth = 4, States = 10_000, FindingsPerRule = 100 };

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_shards_together_are_the_whole(int count)
    {
        var whole = new ExplorationReport(Run(Shard.Whole), 1);

        var merged = ExplorationReport.Merge([.. Enumerable.Range(0, count).Select(index =>
            ExplorationReport.Parse(new ExplorationReport(Run(new Shard(index, count)), 0.25).ToJson(isShard: true)))]);

        merged.States.Should().Be(whole.States);
        merged.Depth.Should().Be(whole.Depth);
        merged.IsComplete.Should().BeTrue();
        merged.Findings.Select(Text).Should().Equal(whole.Findings.Select(Text));
        merged.Seconds.Should().Be(0.25 * count);
    }

    [Fact]
    public void A_report_is_what_it_was_parsed_from()
    {
        var report = new ExplorationReport(Run(Shard.Whole), 1.5);

        ExplorationReport.Parse(report.ToJson()).ToJson().Should().Be(report.ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void What_is_no_report_is_refused(string text) =>
        FluentActions.Invoking(() => ExplorationReport.Parse(text)).Should().Throw<FormatException>();

    [Fact]
    public void Only_shards_of_one_exploration_are_put_together()
    {
        var whole = new ExplorationReport(Run(Shard.Whole), 1);

        FluentActions.Invoking(() => ExplorationReport.Merge(whole)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => ExplorationReport.Merge()).Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData("3")]
    [InlineData("2/2")]
    [InlineData("-1/2")]
    [InlineData("a/b")]
    public void What_is_no_shard_is_refused(string text) =>
        FluentActions.Invoking(() => Shard.Parse(text)).Should().Throw<FormatException>();

    private static string Text(ReportedFinding finding) => $"{finding.Rule}: {finding.How} [{finding.Schedule}]";

    private static ExplorationResult Run(Shard shard) => Exploration
        .Of(StandardTopology.Parse("b").Make(KernelProfile.RfcV1))
        .WithUsers()
        .WithEarlierDriver()
        .Always(Rules.All)
        .Run(Options with { Shard = shard });
}
