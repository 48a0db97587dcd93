namespace VfioPm.Tests;

/// <summary>What is told of an order in which a rule broke.</summary>
public sealed class CounterexampleTests
{
    private readonly Counterexample _found;

    public CounterexampleTests()
    {
        Machine machine = new(KernelProfile.RfcV1);
        VfioDeviceFile device = machine.Open();
        _found = Exploration.Of(machine.Host)
            .Where("guest", device, guest => guest
                .Any(d => d.Config.BeginWritePmcsrState(PowerState.D3Hot))
                .Any(d => d.Config.BeginWritePmcsrState(PowerState.D0)))
            .Always(Rules.FenceHolds)
            .Run()
            .Should().Break(Rules.FenceHolds).Which;
    }

    [Fact]
    public void The_schedule_is_a_shortest_one() => _found.Schedule.ToString().Should().Be(
        "guest: Config.BeginWritePmcsrState(PowerState.D3Hot); time passes");

    [Fact]
    public void The_story_has_each_choice_and_the_three_views() => _found.Story.Should()
        .StartWith("fence-holds: a mapping of 0000:01:00.0 reaches it in D3cold")
        .And.Contain("  1. guest: Config.BeginWritePmcsrState(PowerState.D3Hot)")
        .And.Contain("  2. time passes")
        .And.Contain("0000:01:00.0: guest reads D3hot, kernel D3cold Suspended usage 0, hardware D3cold");

    [Fact]
    public void The_test_is_plain_calls_where_everything_goes_in_the_usual_order() => _found.Test.Should()
        .Contain("guest.Config.BeginWritePmcsrState(PowerState.D3Hot);")
        .And.Contain("host.Clock.Advance(TimeSpan.FromTicks(");

    [Fact]
    public void The_picture_s_steps_are_the_choices_with_what_each_brought_about_and_the_reasons()
    {
        Picture picture = _found.ToPicture();

        picture.Title.Should().StartWith("fence-holds: ");
        picture.Steps.Select(step => step.What).Should().Equal(_found.Schedule.Choices);
        picture.Steps[0].End.Should().Be(picture.Steps[1].Begin).And.BeLessThan(picture.Steps[1].End);
        picture.Steps[1].Told.Should().Contain("D3hot → D3cold").And.Contain("0000:01:00.0: guest reads D3hot, kernel D3cold");
        picture.Devices[1].Reasons.Should().Contain(reason => reason.Text.StartsWith("It is asleep"));
        picture.Between(picture.Begin, picture.Steps[0].End).Of("0000:01:00.0").Steps[0].Should().Be(picture.Steps[0]);
    }

    [Fact]
    public void The_host_is_at_the_end() => _found.Host["0000:01:00.0"].Should().BeIn(PowerState.D3Cold);
}
