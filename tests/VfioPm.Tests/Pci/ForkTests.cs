namespace VfioPm.Tests.Pci;

public class ForkTests
{
    [Fact]
    public void A_fork_has_the_same_state_and_goes_its_own_way()
    {
        var silicon = new Silicon();
        silicon.Endpoint.WriteBar(0, 0x10, 4, 1);
        var fork = new ForkContext();

        PciFunction copy = fork.Of(silicon.Endpoint);
        Silicon.HashOf(copy).Should().Be(Silicon.HashOf(silicon.Endpoint));

        copy.WriteBar(0, 0x10, 4, 2);
        copy.WriteConfig(PciRegisters.InterruptLine, 1, 0x55);
        copy.Pm!.ControlStatus.Should().Be(0);
        silicon.Endpoint.ReadBar(0, 0x10, 4).Should().Be(1);
        silicon.Endpoint.ReadConfig(PciRegisters.InterruptLine, 1).Should().NotBe(0x55);
        Silicon.HashOf(copy).Should().NotBe(Silicon.HashOf(silicon.Endpoint));
    }

    [Fact]
    public void A_fork_keeps_the_tree_from_whichever_end_it_begins()
    {
        var silicon = new Silicon();

        PciFunction copy = new ForkContext().Of(silicon.Endpoint);

        copy.Upstream.Should().NotBeSameAs(silicon.Port);
        copy.Upstream!.Downstream.Should().ContainSingle().Which.Should().BeSameAs(copy);
        copy.Upstream.WriteConfig(PciRegisters.BridgeControl, 2, PciRegisters.BridgeControlBusReset);
        copy.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x8086);
    }

    [Fact]
    public void A_transition_that_runs_goes_on_in_the_fork()
    {
        var silicon = new Silicon();
        silicon.Endpoint.WriteConfig(silicon.Endpoint.Pm!.ControlStatusOffset, 2, 3);

        PciFunction copy = new ForkContext().Of(silicon.Endpoint);
        _ = copy.ReadConfig(0, 2);

        copy.Faults.Should().ContainSingle();
        silicon.Endpoint.Faults.Should().BeEmpty();
    }

    [Fact]
    public void Power_is_part_of_the_state()
    {
        var silicon = new Silicon(behavior: HardwareBehavior.Specification with { KeepsRegistersWithoutPower = true });
        ulong before = Silicon.HashOf(silicon.Endpoint);

        silicon.Endpoint.SetPower(false);

        Silicon.HashOf(silicon.Endpoint).Should().NotBe(before);
        new ForkContext().Of(silicon.Endpoint).HasPower.Should().BeFalse();
    }
}
