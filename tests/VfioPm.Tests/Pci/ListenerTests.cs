namespace VfioPm.Tests.Pci;

/// <summary>Of what a function's hardware tells who has it.</summary>
public sealed class ListenerTests : IHardwareListener
{
    private readonly Silicon _silicon = new();
    private readonly List<string> _told = [];

    public ListenerTests() => _silicon.Endpoint.Listener = this;

    [Fact]
    public void It_tells_of_each_reset_with_its_kind()
    {
        _silicon.Endpoint.Reset();
        _silicon.Endpoint.Reset(ResetKind.Bus);
        _silicon.Port.Reset(ResetKind.Bus);

        _told.Should().Equal("reset FunctionLevel", "reset Bus", "reset Bus");
    }

    [Fact]
    public void It_tells_of_the_reset_on_the_way_out_of_D3hot_and_of_the_state()
    {
        _silicon.SetState(PowerState.D3Hot);
        _silicon.SetState(PowerState.D0);

        _told.Should().Equal("D0 to D3hot", "reset Soft", "D3hot to D0");
    }

    [Fact]
    public void It_tells_of_power_that_goes_and_of_power_that_comes()
    {
        _silicon.Endpoint.SetPower(false);
        _silicon.Endpoint.SetPower(false);
        _silicon.Endpoint.SetPower(true);

        _told.Should().Equal("reset PowerLoss", "D0 to D3cold", "D3cold to D0");
    }

    [Fact]
    public void It_tells_of_each_access_that_nobody_answers()
    {
        _silicon.Endpoint.ReadBar(0, 8, 4);
        _silicon.Endpoint.WriteBar(0, 12, 4, 1);
        _silicon.Endpoint.SetPower(false);
        _told.Clear();
        _silicon.Endpoint.ReadConfig(0x10, 4);
        _silicon.Endpoint.WriteConfig(0x04, 2, 0);
        _silicon.Endpoint.ReadBar(0, 8, 4);

        _told.Should().Equal("unanswered at 0x10", "unanswered at 0x4", "unanswered at 0x8 of BAR 0");
    }

    [Fact]
    public void It_tells_of_accesses_behind_the_end_of_its_space_whatever_was_read_before()
    {
        var silicon = new Silicon(DeviceImage.FromConfigBytes(DeviceImages.E1000E.Bytes.Span[..PciRegisters.ConventionalSize]));
        silicon.Endpoint.Listener = this;

        silicon.Endpoint.ReadConfig(0x100, 4).Should().Be(uint.MaxValue);
        silicon.Endpoint.ReadConfig(0, 4).Should().NotBe(uint.MaxValue);
        silicon.Endpoint.ReadConfig(0x104, 4).Should().Be(uint.MaxValue);
        silicon.Endpoint.WriteConfig(0x108, 4, 1);

        _told.Should().Equal("unanswered at 0x100", "unanswered at 0x104", "unanswered at 0x108");
    }

    [Fact]
    public void It_tells_of_accesses_that_a_BAR_does_not_decode()
    {
        _silicon.Command = 0;
        _silicon.Endpoint.ReadBar(0, 8, 4).Should().Be(uint.MaxValue);
        _silicon.Endpoint.WriteBar(0, 12, 4, 1);
        _told.Should().Equal("unanswered at 0x8 of BAR 0", "unanswered at 0xc of BAR 0");

        _told.Clear();
        _silicon.Command = PciRegisters.CommandMemory;
        _silicon.Endpoint.ReadBar(0, 12, 4).Should().Be(0);
        _told.Should().BeEmpty();
    }

    // An access that comes too early is noted each time, and gets there.
    [Fact]
    public void Accesses_that_come_too_early_are_faults_each_until_the_time_is_over()
    {
        _silicon.Command = PciRegisters.CommandMemory;
        _silicon.Endpoint.Reset(ResetKind.FunctionLevel);
        _silicon.Endpoint.ReadConfig(0, 4).Should().NotBe(uint.MaxValue);
        _silicon.Endpoint.ReadConfig(4, 4);
        _silicon.Command = PciRegisters.CommandMemory;
        _silicon.Endpoint.ReadBar(0, 16, 4);
        _silicon.Endpoint.WriteBar(0, 20, 4, 1);
        _silicon.Clock.Advance(TimeSpan.FromMilliseconds(100));
        _silicon.Endpoint.ReadConfig(0, 4);
        _silicon.Endpoint.ReadBar(0, 16, 4);

        _silicon.Endpoint.Faults.Select(static fault => (fault.Bar, fault.Offset)).Should().Equal(
            (null, 0), (null, 4), (null, 4), (0, 16), (0, 20));
    }

    void IHardwareListener.OnPowerStateChanged(PowerState before) =>
        _told.Add($"{before.KernelName} to {_silicon.Endpoint.PowerState.KernelName}");

    void IHardwareListener.OnReset(ResetKind kind) => _told.Add($"reset {kind}");

    void IHardwareListener.OnUnanswered(int? bar, long offset) =>
        _told.Add($"unanswered at 0x{offset:x}{(bar is { } one ? $" of BAR {one}" : "")}");

    void IHardwareListener.OnRootPme() => _told.Add("root PME");

    void IHardwareListener.OnSlotEvent() => _told.Add("slot event");

    void IHardwareListener.OnWakeSignal() => _told.Add("wake signal");
}
