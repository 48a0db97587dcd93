namespace VfioPm.Tests.Pci;

/// <summary>Signals that come late, or never.</summary>
public sealed class SignalPathTests
{
    private readonly Silicon _silicon = new();
    private readonly SignalLog _log = new();

    public SignalPathTests() => _silicon.Endpoint.InterruptReceiver = _log;

    private PciFunction Card => _silicon.Endpoint;

    [Fact]
    public void A_pin_that_is_held_shows_its_level_in_registers_and_not_to_the_machine()
    {
        Card.HoldSignals();
        Card.AssertInterrupt();

        Card.InterruptStatus.Should().BeTrue();
        Card.IsInterruptPinAsserted.Should().BeTrue();
        Card.IsInterruptLineAsserted.Should().BeFalse();
        Card.SignalsOnTheWay.Should().Be(1);
        _log.Signals.Should().BeEmpty();

        Card.LetSignalsThrough();

        Card.IsInterruptLineAsserted.Should().BeTrue();
        Card.HoldsSignals.Should().BeFalse();
        _log.Signals.Should().Equal("asserted");
    }

    [Fact]
    public void A_pin_that_is_quiet_again_before_it_arrives_was_never_asserted_for_the_machine()
    {
        Card.HoldSignals();
        Card.AssertInterrupt();
        Card.DeassertInterrupt();
        Card.LetSignalsThrough();

        _log.Signals.Should().BeEmpty();
    }

    [Fact]
    public void A_pin_whose_signal_was_lost_is_seen_when_it_changes_again()
    {
        Card.HoldSignals();
        Card.AssertInterrupt();
        Card.LoseSignals();
        Card.LetSignalsThrough();

        Card.IsInterruptPinAsserted.Should().BeTrue();
        Card.IsInterruptLineAsserted.Should().BeFalse();
        Card.DeassertInterrupt();
        Card.AssertInterrupt();
        _log.Signals.Should().Equal("asserted");
    }

    [Fact]
    public void Messages_arrive_in_their_order_each_once()
    {
        _silicon.EnableFourMessages();
        Card.HoldSignals();
        Card.SendMessage(2).Should().BeTrue("it went out");
        Card.SendMessage(1);
        Card.SendMessage(2);

        Card.LetSignalsThrough();

        _log.Signals.Should().Equal("40fe", "40fd");
        Card.SendMessage(2);
        _log.Signals.Should().HaveCount(3, "nobody holds them any more");
    }

    [Fact]
    public void What_is_held_on_is_lost_or_let_through_as_the_next_call_says()
    {
        _silicon.EnableFourMessages();
        Card.LoseSignals();
        Card.HoldsSignals.Should().BeFalse("nobody holds them");
        Card.HoldSignals();
        Card.SendMessage(1);
        Card.HoldSignals();
        Card.SignalsOnTheWay.Should().Be(1, "they were held already");
        Card.LoseSignals();
        Card.HoldsSignals.Should().BeTrue();
        Card.SendMessage(2);
        Card.LetSignalsThrough();

        _log.Signals.Should().Equal("40fe");
    }

    [Theory]
    [InlineData(ResetKind.Bus, true)]
    [InlineData(ResetKind.PowerLoss, true)]
    [InlineData(ResetKind.FunctionLevel, false)]
    public void The_link_takes_with_it_what_is_on_its_way_and_the_level_of_the_pin(ResetKind kind, bool isLost)
    {
        _silicon.EnableFourMessages();
        Card.AssertInterrupt();
        Card.HoldSignals();
        Card.SendMessage(1);

        if (kind == ResetKind.PowerLoss)
        {
            Card.SetPower(false);
        }
        else
        {
            Card.Reset(kind);
        }

        Card.IsInterruptPinAsserted.Should().BeFalse();
        Card.IsInterruptLineAsserted.Should().Be(!isLost);
        Card.SignalsOnTheWay.Should().Be(isLost ? 0 : 2, "the pin went down as well");
        Card.HoldsSignals.Should().BeTrue();
    }

    [Fact]
    public void Those_behind_one_whose_receiver_threw_are_where_they_were()
    {
        _silicon.EnableFourMessages();
        Card.HoldSignals();
        Card.SendMessage(1);
        Card.SendMessage(2);
        _log.Throws = true;

        Card.Invoking(static card => card.LetSignalsThrough()).Should().Throw<InvalidOperationException>();

        Card.SignalsOnTheWay.Should().Be(1);
        _log.Throws = false;
        Card.LetSignalsThrough();
        _log.Signals.Should().Equal("40fe");
    }

    [Fact]
    public void What_is_on_its_way_is_in_the_hash_and_in_a_fork()
    {
        _silicon.EnableFourMessages();
        ulong open = Silicon.HashOf(Card);
        Card.HoldSignals();
        ulong held = Silicon.HashOf(Card);
        Card.SendMessage(1);
        ulong first = Silicon.HashOf(Card);
        Card.LoseSignals();
        Card.SendMessage(2);
        ulong second = Silicon.HashOf(Card);

        new[] { open, held, first, second }.Should().OnlyHaveUniqueItems();
        var fork = new ForkContext();
        PciFunction copy = fork.Of(Card);
        Silicon.HashOf(copy).Should().Be(second);
        copy.LoseSignals();
        Card.SignalsOnTheWay.Should().Be(1, "the fork has its own");
    }

    private sealed class SignalLog : IInterruptReceiver
    {
        public List<string> Signals { get; } = [];

        public bool Throws { get; set; }

        public void OnPinChanged(bool isAsserted) => Signals.Add(isAsserted ? "asserted" : "quiet");

        public void OnMessage(InterruptMessage message)
        {
            if (Throws)
            {
                throw new InvalidOperationException();
            }

            Signals.Add($"{message.Data:x}");
        }

        public IForkable Fork(ForkContext fork) => this;
    }
}
