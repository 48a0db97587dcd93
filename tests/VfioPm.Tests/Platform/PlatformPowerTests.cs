using VfioPm.Tests.Pci;

namespace VfioPm.Tests.Platform;

/// <summary>ACPI 6.5, chapter 7.</summary>
public class PlatformPowerTests
{
    private readonly Silicon _silicon = new();
    private readonly PowerResource _resource = new("LPWR");

    [Fact]
    public void Cutting_the_power_of_a_port_cuts_that_of_all_below()
    {
        PlatformPower port = Describe(_silicon.Port);

        port.SetState(PowerState.D3Cold);

        _resource.IsOn.Should().BeFalse();
        _silicon.Port.PowerState.Should().Be(PowerState.D3Cold);
        _silicon.Endpoint.PowerState.Should().Be(PowerState.D3Cold);

        port.SetState(PowerState.D0);

        _silicon.Port.HasPower.Should().BeTrue();
        _silicon.Endpoint.PowerState.Should().Be(PowerState.D0);
        _silicon.Endpoint.Configuration.Read(PciRegisters.Command, 2).Should().Be(0);
    }

    [Fact]
    public void D3hot_keeps_the_power_on()
    {
        PlatformPower port = Describe(_silicon.Port);

        port.SetState(PowerState.D3Hot);

        _resource.IsOn.Should().BeTrue();
        port.State.Should().Be(PowerState.D3Hot);
    }

    [Fact]
    public void A_shared_resource_stays_on_until_its_last_user_gives_it_up()
    {
        PlatformPower port = Describe(_silicon.Port);
        PlatformPower endpoint = Describe(_silicon.Endpoint);

        port.SetState(PowerState.D3Cold);
        _silicon.Port.HasPower.Should().BeTrue();
        _resource.Users.Should().Equal(_silicon.Endpoint);

        endpoint.SetState(PowerState.D3Cold);
        _silicon.Port.HasPower.Should().BeFalse();

        endpoint.SetState(PowerState.D0);
        _silicon.Port.HasPower.Should().BeTrue("what one user switches on, all have");
    }

    [Fact]
    public void Giving_up_twice_counts_once()
    {
        PlatformPower port = Describe(_silicon.Port);
        PlatformPower endpoint = Describe(_silicon.Endpoint);

        port.SetState(PowerState.D3Cold);
        port.SetState(PowerState.D3Cold);

        _resource.IsOn.Should().BeTrue();
        endpoint.State.Should().Be(PowerState.D0);
    }

    [Fact]
    public void Without_a_PR3_there_is_no_D3cold()
    {
        var port = new PlatformPower(_silicon.Port, [_resource], []);

        port.DeepestState.Should().Be(PowerState.D3Hot);
        FluentActions.Invoking(() => port.SetState(PowerState.D3Cold))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*0000:00:03.0 in D3hot at most*");
    }

    [Fact]
    public void Without_resources_the_firmware_can_do_nothing()
    {
        var port = new PlatformPower(_silicon.Port, [], []);

        port.IsPowerManageable.Should().BeFalse();
        port.DeepestState.Should().Be(PowerState.D0);
    }

    [Theory]
    [InlineData(PowerState.D3Hot, false, PowerState.D3Cold)]
    [InlineData(PowerState.D3Hot, true, PowerState.D3Hot)]
    [InlineData(PowerState.D0, true, PowerState.D0)]
    [InlineData(null, true, PowerState.D3Cold)]
    public void S0W_limits_only_who_must_wake(PowerState? deepestWake, bool wake, PowerState expected) =>
        new PlatformPower(_silicon.Port, [_resource], [_resource], deepestWake, canWake: true)
            .DeepestStateFor(wake).Should().Be(expected);

    // acpi_dev_pm_get_state(): D3cold is asked for where the firmware has none, too, and becomes D3hot then.
    [Fact]
    public void Without_a_D3cold_it_is_allowed_all_the_same() =>
        new PlatformPower(_silicon.Port, [_resource], []).DeepestStateFor(wake: false).Should().Be(PowerState.D3Cold);

    [Fact]
    public void A_fork_switches_its_own_power()
    {
        PlatformPower port = Describe(_silicon.Port);

        PlatformPower copy = new ForkContext().Of(port);
        copy.SetState(PowerState.D3Cold);

        copy.Function.Downstream[0].HasPower.Should().BeFalse();
        _silicon.Endpoint.HasPower.Should().BeTrue();
        _resource.IsOn.Should().BeTrue();
        HashOf(_resource).Should().NotBe(StateHash.Empty.Value);
    }

    [Fact]
    public void The_hash_tells_on_from_off()
    {
        PlatformPower port = Describe(_silicon.Port);
        ulong on = HashOf(_resource);

        port.SetState(PowerState.D3Cold);

        HashOf(_resource).Should().NotBe(on);
        _resource.ToString().Should().Be("LPWR (off)");
    }

    private PlatformPower Describe(PciFunction function) => new(function, [_resource], [_resource]);

    private static ulong HashOf(PowerResource resource) => StateHashes.Of(resource.AddTo);
}
