namespace VfioPm.Tests;

/// <summary>A schedule is printed as one line, and replayed from it.</summary>
public sealed class ScheduleTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Each_finding_is_found_again_by_its_line(int preemptions)
    {
        Exploration exploration = Exploration.Of(StandardTopology.Parse("b").Make(KernelProfile.RfcV1))
            .WithStandardCrowd()
            .Always(Rules.All);
        ExplorationResult found = exploration.Run(new() { Depth = 4, States = 700, Preemptions = preemptions });

        found.Findings.Should().NotBeEmpty();
        foreach (Counterexample finding in found.Findings)
        {
            ExplorationResult again = exploration.Replay(Schedule.Parse(finding.Schedule.ToString()));

            again.Findings.Should().Contain(other => other.Rule == finding.Rule && other.How == finding.How, $"of {finding}");
        }
    }

    [Fact]
    public void What_could_not_be_next_is_told_with_what_could()
    {
        Exploration exploration = Exploration.Of(StandardTopology.Parse("b").Make(KernelProfile.RfcV1)).WithUsers();

        exploration.Invoking(e => e.Replay(Schedule.Parse("vmm: BeginOpen(); guest: sneezes")))
            .Should().Throw<ScheduleException>().WithMessage("\"guest: sneezes\" cannot be next; there are *");
    }

    [Theory]
    [InlineData("a; ; b", "*nothing at its place 2*")]
    [InlineData("a @x", "*number of a stop*")]
    public void A_line_that_is_no_schedule_is_refused(string line, string message) =>
        FluentActions.Invoking(() => Schedule.Parse(line)).Should().Throw<FormatException>().WithMessage(message);

    [Fact]
    public void A_line_is_what_it_was_parsed_from()
    {
        const string line = "vmm: BeginOpen(); time passes; admin: read @3";

        var schedule = Schedule.Parse(line);

        schedule.ToString().Should().Be(line);
        schedule.Preemptions.Should().Be(1);
        Schedule.Parse("").Choices.Should().BeEmpty();
    }
}
