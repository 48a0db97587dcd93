namespace VfioPm.Tests;

/// <summary>What the comments at the head of a scenario say.</summary>
public sealed class ScenarioHeadTests
{
    [Fact]
    public void The_head_says_what_it_is_and_where_it_may_run()
    {
        Scenario scenario = Scenario.Parse("a.sc",
            """
            # name: sleeps
            # desc: a function sleeps
            # seed: 7
            # topos: b f
            # profiles: linux-6.1
            # module: disable_idle_d3=1 nointxmask=0
            # settle: 40
            # quiet: 0
            # fresh: yes
            # and a remark: of no meaning
            bind ep
            """);

        scenario.Name.Should().Be("sleeps");
        scenario.Description.Should().Be("a function sleeps");
        scenario.Topologies.Should().Equal("b", "f");
        scenario.Profiles.Should().Equal("linux-6.1");
        scenario.Head.Should().BeEquivalentTo(new
        {
            Seed = 7,
            Module = new VfioModuleParameters { DisableIdleD3 = true },
            Settle = TimeSpan.FromMilliseconds(40),
            Quiet = TimeSpan.Zero,
            IsFreshBoot = true,
        });
        scenario.Steps.Should().ContainSingle().Which.Line.Should().Be(11);
    }

    [Fact]
    public void Without_a_name_it_has_the_file_s() => Scenario.Parse("some/sleeps.sc", "bind ep").Name.Should().Be("sleeps");

    [Theory]
    [InlineData("# topos: b z", 12, "expected one of a, a-d3hot-port,")]
    [InlineData("# profiles: linux-2.4", 13, "expected one of linux-5.10,")]
    [InlineData("# module: disable_d3=1", 11, "expected one of disable_idle_d3=1,")]
    [InlineData("# module: disable_idle_d3=2", 27, "expected one of 0, 1, found \"2\"")]
    [InlineData("# settle: soon", 11, "expected milliseconds, a number up to 60000, found \"soon\"")]
    [InlineData("# fresh: no", 10, "expected one of yes, found \"no\"")]
    [InlineData("# seed:", 8, "expected a number, found the end of the line")]
    public void A_mistake_in_it_is_told_with_its_place(string line, int column, string problem) =>
        FluentActions.Invoking(() => Scenario.Parse("a.sc", $"bind ep\n{line}\n"))
            .Should().Throw<ScenarioException>().WithMessage($"a.sc:2:{column}: {problem}*");
}
