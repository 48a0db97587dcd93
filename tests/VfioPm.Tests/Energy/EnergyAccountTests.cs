using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests;

/// <summary>What a function's hardware was in, times what that costs.</summary>
public sealed class EnergyAccountTests
{
    private static readonly PowerRating Rating = new()
    {
        Source = "made up",
        D0 = 10.0,
        D3Hot = new StateRating(2.0, EntryJoules: 1.0, ExitJoules: 3.0),
        D3Cold = new StateRating(0.5, EntryJoules: 0.25, ExitJoules: 20.0),
    };

    [Fact]
    public void Power_times_time_and_the_ways_between()
    {
        var machine = new Machine(KernelProfile.PreRfc);
        VfioDeviceFile device = machine.Open();
        TimeSpan since = machine.Host.Clock.Now;
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(3));
        device.Config.WritePmcsrState(PowerState.D3Hot);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(5));
        device.Config.WritePmcsrState(PowerState.D0);

        // The kernel waits 12 ms after each write of PMCSR, in the state that was written.
        var energy = EnergyAccount.Of(machine.Nic, Rating, since);
        energy.TimeIn(PowerState.D0).Should().Be(TimeSpan.FromMilliseconds(3012));
        energy.TimeIn(PowerState.D3Hot).Should().Be(TimeSpan.FromMilliseconds(5012));
        energy.EntriesInto(PowerState.D3Hot).Should().Be(1);
        energy.JoulesIn(PowerState.D3Hot).Should().BeApproximately((2.0 * 5.012) + 1.0 + 3.0, 1e-9);
        energy.Joules.Should().BeApproximately((10.0 * 3.012) + (2.0 * 5.012) + 4.0, 1e-9);
        energy.SavedIn(PowerState.D3Hot).Should().BeApproximately((8.0 * 5.012) - 4.0, 1e-9);
        energy.Saved.Should().BeApproximately(energy.SavedIn(PowerState.D3Hot), 1e-9);
        energy.AverageWatts.Should().BeApproximately(energy.Joules / 8.024, 1e-9);
    }

    [Fact]
    public void From_an_hour_of_a_watt_on_it_is_told_as_it_is_billed_too()
    {
        var machine = new Machine(KernelProfile.PreRfc);
        TimeSpan since = machine.Host.Clock.Now;
        machine.Host.Clock.Advance(TimeSpan.FromHours(1));

        var energy = EnergyAccount.Of(machine.Nic, Rating, since);

        energy.WattHours.Should().BeApproximately(10.0, 1e-9);
        energy.KilowattHours.Should().BeApproximately(0.01, 1e-12);
        energy.ToString().Should().Contain("36000.00 J (10.00 Wh), 0.00 J less than in D0");
    }

    [Fact]
    public void Nothing_is_drawn_in_no_time()
    {
        var machine = new Machine(KernelProfile.PreRfc);

        EnergyAccount.Of(machine.Nic, Rating, machine.Host.Clock.Now).AverageWatts.Should().Be(0);
    }

    [Fact]
    public void A_state_that_hardware_cannot_be_in_is_refused()
    {
        var energy = EnergyAccount.Of(new Machine(KernelProfile.PreRfc).Nic, Rating);

        energy.Invoking(static it => it.TimeIn(PowerState.Unknown)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("state");
        Rating.Invoking(static it => it[PowerState.Unknown]).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("state");
    }

    [Fact]
    public void What_the_guest_believes_costs_nothing()
    {
        var machine = new Machine(KernelProfile.RfcV1, cutsPower: false);
        VfioDeviceFile device = machine.Open();
        TimeSpan since = machine.Host.Clock.Now;
        device.Config.WritePmcsrState(PowerState.D3Hot);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(0.9));

        device.Device.PowerStateShown.Should().Be(PowerState.D3Hot);
        EnergyAccount.Of(machine.Nic, Rating, since).Joules.Should().BeApproximately(9.0, 1e-9);
    }

    [Fact]
    public void Lost_power_saves_most_and_waking_from_it_costs()
    {
        var machine = new Machine(KernelProfile.RfcV1);
        TimeSpan since = machine.Host.Clock.Now;
        machine.Bind();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(10));

        var energy = EnergyAccount.Of(machine.Nic, Rating, since);
        energy.TimeIn(PowerState.D3Cold).Should().BeGreaterThan(TimeSpan.FromSeconds(8));
        energy.SavedIn(PowerState.D3Cold).Should().BePositive();
        energy.SavedIn(PowerState.D3Hot).Should().BeNegative("it is passed through: the way there costs more than it saves");
        energy.ToString().Should().Contain("D3cold").And.Contain("Figures: made up").And.NotContain("D1");
    }

    [Fact]
    public void A_sleep_pays_when_it_has_saved_the_way_there_and_back()
    {
        Rating.BreakEven(PowerState.D3Hot).Should().Be(TimeSpan.FromSeconds(0.5));
        Rating.BreakEven(PowerState.D3Cold).Should().Be(TimeSpan.FromSeconds(20.25 / 9.5));
        Rating.BreakEven(PowerState.D1).Should().BeNull("it draws what D0 draws");
    }

    [Fact]
    public void A_state_without_a_figure_costs_what_the_shallower_one_costs()
    {
        Rating[PowerState.D2].Should().Be(Rating.D0);
        (Rating with { D1 = 4.0 })[PowerState.D2].Watts.Should().Be(4.0);
    }

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Impossible_figures_are_refused(double watts)
    {
        Action act = () => _ = new StateRating(watts);
        act.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Watts");
    }

    [Fact]
    public void An_account_needs_a_trace_that_goes_back_so_far()
    {
        var machine = new Machine(KernelProfile.RfcV1);
        machine.Settle();
        machine.Host.Trace.Clear();

        Action tooEarly = () => EnergyAccount.Of(machine.Nic, Rating, since: TimeSpan.FromSeconds(1));
        tooEarly.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*1.5*");
        EnergyAccount.Of(machine.Nic, Rating).Joules.Should().Be(0);

        machine.Host.Trace.IsEnabled = false;
        Action off = () => EnergyAccount.Of(machine.Nic, Rating);
        off.Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Times_in_states_always_add_up() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        steps =>
        {
            var machine = new Machine(KernelProfile.RfcV1);
            using VfioDeviceFile device = machine.Open();
            foreach (byte step in steps)
            {
                device.Config.WritePmcsrState((PowerState)(step & 3));
                machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(10 * (step >> 2)));
            }

            var energy = EnergyAccount.Of(machine.Nic, Rating);
            TimeSpan sum = Enum.GetValues<PowerState>().Where(state => state <= PowerState.D3Cold)
                .Aggregate(TimeSpan.Zero, (time, state) => time + energy.TimeIn(state));
            return sum == machine.Host.Clock.Now && Math.Abs(energy.Joules + energy.Saved - energy.JoulesInD0Throughout) < 1e-6;
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(50).WithReplay(20261122, 1));
}
