using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>Several threads at once, in scenarios.</summary>
public sealed class ParallelCallsTests
{
    [Fact]
    public void Who_comes_while_a_device_is_reset_waits_until_it_is_over()
    {
        JsonArray threads = Play("open ep\ncfg_write ep 4 0600", "par { reset ep } { sleep 5 ; bar_read ep M 8 4 }");

        JsonNode reset = threads[0]![0]!;
        JsonNode read = threads[1]![1]!;
        ((double)reset["took"]!).Should().Be(24);
        ((double)read["at"]!).Should().Be(5);
        ((double)read["took"]!).Should().Be(19);
        ((int)read["ret"]!).Should().Be(4);
    }

    [Fact]
    public void What_does_not_meet_anybody_goes_on()
    {
        JsonArray threads = Play("open ep", "par { reset ep } { sleep 5 ; sysfs_read ep power_state ; eventfd_write ep wake }");

        threads[1]!.AsArray().Select(static call => (double)call!["at"]!).Should().Equal(0, 5, 5);
    }

    [Fact]
    public void An_unbind_waits_for_the_thread_that_closes()
    {
        JsonArray threads = Play("open ep", "par { unbind ep } { sleep 100 ; reset ep ; close ep }");

        ((int)threads[0]![0]!["ret"]!).Should().Be(0);
        ((double)threads[0]![0]!["took"]!).Should().BeGreaterThan(100);
        ((int)threads[1]![1]!["ret"]!).Should().Be(-(int)Errno.EAGAIN, "unbinding holds the device's lock");
    }

    [Fact]
    public void What_cannot_be_tried_when_its_turn_comes_is_left_out()
    {
        JsonArray threads = Play("open ep", "par { close ep ; cfg_read ep 0 4 ; open ep }");

        threads[0]!.AsArray().Select(static call => (string)call!["op"]!).Should().Equal("close", "open");
    }

    [Fact]
    public void A_thread_that_waits_for_nobody_is_told_of()
    {
        Scenario scenario = Scenario.Parse("par.sc", "bind ep\nopen ep\npar { unbind ep }");

        ScenarioRun run = ScenarioRun.Play(scenario, KernelProfile.Linux6_1, ScenarioTopology.Named("b"));

        ((string)run.Steps[^1].Result.Event!["ret"]!).Should().Be("a thread of \"par\" waits for ever");
    }

    [Theory]
    [InlineData("par reset ep", "par.sc:1:5: expected \"{\", found \"reset\"")]
    [InlineData("par { reset ep", "par.sc:1:15: expected \"}\", found the end of the line")]
    [InlineData("par { reset ep } reset ep", "par.sc:1:18: expected \"{\", found \"reset\"")]
    [InlineData("par { reset ep ; }", "par.sc:1:18: expected an operation, found the end of the line")]
    public void A_mistake_is_told_with_its_place(string line, string message) =>
        FluentActions.Invoking(() => Scenario.Parse("par.sc", line)).Should().Throw<ScenarioException>().WithMessage(message);

    private static JsonArray Play(string before, string line)
    {
        Scenario scenario = Scenario.Parse("par.sc", $"bind ep\n{before}\n{line}");
        ScenarioRun run = ScenarioRun.Play(scenario, KernelProfile.Linux6_1, ScenarioTopology.Named("a"));
        return run.Steps[^1].Result.Event!["threads"]!.AsArray();
    }
}
