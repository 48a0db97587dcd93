namespace VfioPm.Tests.Pci;

/// <summary>Cards that fall silent when a test says so, and that answer late, once.</summary>
public sealed class LatenessTests
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(2);

    private readonly Silicon _silicon = new();

    private PciFunction Card => _silicon.Endpoint;

    [Fact]
    public void One_that_falls_silent_answers_nothing_for_so_long()
    {
        uint before = _silicon.Command;
        Card.FallSilent(Late);

        Card.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);
        _silicon.Command = PciRegisters.CommandInterruptDisable;
        _silicon.Clock.Advance(Late - TimeSpan.FromTicks(1));
        Card.Answers.Should().BeFalse();
        _silicon.Clock.Advance(TimeSpan.FromTicks(1));
        Card.Answers.Should().BeTrue();
        _silicon.Command.Should().Be(before, "the write was lost");
    }

    [Fact]
    public void One_that_hung_itself_up_answers_when_it_had_no_power()
    {
        Card.FallSilent(HardwareBehavior.Forever);
        Card.AnswersAt.Should().BeNull();
        Card.Reset(ResetKind.Bus);
        _silicon.Clock.Advance(TimeSpan.FromDays(1));
        Card.Answers.Should().BeFalse();

        Card.SetPower(false);
        Card.SetPower(true);

        Card.Answers.Should().BeTrue();
    }

    [Fact]
    public void One_without_power_falls_no_more_silent()
    {
        Card.SetPower(false);
        Card.FallSilent(HardwareBehavior.Forever);
        Card.SetPower(true);

        Card.Answers.Should().BeTrue();
    }

    [Theory]
    [InlineData("power")]
    [InlineData("bus")]
    [InlineData("function")]
    [InlineData("D3hot")]
    public void One_that_is_late_is_late_once(string comesFrom)
    {
        Card.AnswerLate(Late);
        Card.Lateness.Should().Be(Late);
        Card.Answers.Should().BeTrue("nothing happened yet");

        Come();
        Card.Lateness.Should().Be(TimeSpan.Zero);
        Card.AnswersAt.Should().Be(_silicon.Clock.Now + Late);
        _silicon.Clock.Advance(Late);
        Come();
        Card.Answers.Should().BeTrue();

        void Come()
        {
            switch (comesFrom)
            {
                case "power":
                    Card.SetPower(false);
                    Card.SetPower(true);
                    break;
                case "bus":
                    Card.Reset(ResetKind.Bus);
                    break;
                case "function":
                    Card.Reset();
                    break;
                default:
                    _silicon.SetState(PowerState.D3Hot);
                    Card.WriteConfig(Card.Pm!.ControlStatusOffset, 2, 0);
                    break;
            }
        }
    }

    [Fact]
    public void Lateness_comes_on_top_of_what_it_always_needs()
    {
        var silicon = new Silicon(behavior: new HardwareBehavior { SilenceAfterFunctionLevelReset = Late });
        silicon.Endpoint.AnswerLate(Late);
        silicon.Endpoint.Reset();
        silicon.Endpoint.AnswersAt.Should().Be(Late + Late);

        silicon.Endpoint.AnswerLate(HardwareBehavior.Forever);
        silicon.Endpoint.Reset();
        silicon.Endpoint.IsSilent.Should().BeTrue();
        silicon.Endpoint.AnswersAt.Should().BeNull("it does not come back");
    }

    [Fact]
    public void A_silence_of_less_than_nothing_is_none()
    {
        var silicon = new Silicon(behavior: new HardwareBehavior { SilenceAfterFunctionLevelReset = TimeSpan.MinValue });
        silicon.Endpoint.Reset();
        silicon.Endpoint.Answers.Should().BeTrue();

        silicon.Endpoint.AnswerLate(Late);
        silicon.Endpoint.Reset();
        silicon.Endpoint.AnswersAt.Should().Be(Late);
    }

    [Fact]
    public void Lateness_is_in_the_hash_and_in_a_fork()
    {
        ulong before = Silicon.HashOf(Card);
        Card.AnswerLate(Late);
        Silicon.HashOf(Card).Should().NotBe(before);

        new ForkContext().Of(Card).Lateness.Should().Be(Late);
    }

    [Fact]
    public void No_time_is_negative()
    {
        Card.Invoking(static card => card.FallSilent(TimeSpan.FromTicks(-1))).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("duration");
        Card.Invoking(static card => card.AnswerLate(TimeSpan.FromTicks(-1))).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("lateness");
    }
}
