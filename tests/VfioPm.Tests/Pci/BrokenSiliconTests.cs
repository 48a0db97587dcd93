namespace VfioPm.Tests.Pci;

/// <summary>Silicon that users report, without a kernel that reacts to it.</summary>
public class BrokenSiliconTests
{
    private static readonly HardwareBehavior SlowAfterPowerOn =
        new() { SilenceAfterPowerOn = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public void A_function_can_stay_dead_after_D3cold()
    {
        var silicon = new Silicon(behavior: new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever });

        silicon.Endpoint.SetPower(false);
        silicon.Endpoint.SetPower(true);
        silicon.Clock.Advance(TimeSpan.FromDays(1));

        silicon.Endpoint.IsSilent.Should().BeTrue();
        silicon.Endpoint.HasPower.Should().BeTrue();
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);
        silicon.Endpoint.Decodes(0).Should().BeFalse();
    }

    // PCI Express Base, section 6.6.1: with CRS a function may need a second.
    [Fact]
    public void A_function_can_be_slow_to_answer_after_it_got_power()
    {
        var silicon = new Silicon(behavior: SlowAfterPowerOn);

        silicon.Endpoint.SetPower(false);
        silicon.Endpoint.SetPower(true);

        silicon.Clock.Advance(TimeSpan.FromMilliseconds(299));
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(1));
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x8086);
    }

    [Fact]
    public void A_function_can_be_slow_to_answer_after_D3hot()
    {
        var silicon = new Silicon(behavior: new HardwareBehavior { SilenceAfterD3Hot = TimeSpan.FromMilliseconds(50) });
        silicon.SetState(PowerState.D3Hot);
        silicon.Endpoint.IsSilent.Should().BeFalse("it went, it did not come back");

        silicon.SetState(PowerState.D0);

        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(40));
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x8086);
    }

    [Fact]
    public void A_silent_function_drops_writes_and_sends_no_messages()
    {
        var silicon = new Silicon(behavior: new HardwareBehavior { SilenceAfterD3Hot = TimeSpan.FromMilliseconds(50) });
        silicon.SetState(PowerState.D3Hot);
        silicon.SetState(PowerState.D0);

        silicon.Command = PciRegisters.CommandMemory;

        silicon.Endpoint.Configuration.Read(PciRegisters.Command, 2).Should().Be(0);
        silicon.Endpoint.SendMessage(0).Should().BeFalse();
    }

    [Fact]
    public void A_function_can_ignore_D3hot()
    {
        var silicon = new Silicon(behavior: new HardwareBehavior { IgnoresD3Hot = true });

        silicon.SetState(PowerState.D3Hot);

        silicon.Endpoint.PowerState.Should().Be(PowerState.D0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_function_can_claim_No_Soft_Reset_and_reset_all_the_same(bool resets)
    {
        var silicon = new Silicon(
            DeviceImages.Nvme, new HardwareBehavior { ResetsDespiteNoSoftReset = resets });
        silicon.Command = PciRegisters.CommandMemory;

        silicon.SetState(PowerState.D3Hot);
        silicon.SetState(PowerState.D0);

        silicon.Endpoint.Pm!.NoSoftReset.Should().BeTrue();
        silicon.Command.Should().Be(resets ? 0u : PciRegisters.CommandMemory);
    }

    [Fact]
    public void A_function_level_reset_can_kill_a_function_until_it_loses_its_power()
    {
        var silicon = new Silicon(
            DeviceImages.Nvme,
            new HardwareBehavior { SilenceAfterFunctionLevelReset = HardwareBehavior.Forever });

        silicon.Endpoint.Reset(ResetKind.FunctionLevel);
        silicon.Clock.Advance(TimeSpan.FromDays(1));
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);

        silicon.Endpoint.Reset(ResetKind.Bus);
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);
        silicon.Endpoint.SetPower(false);
        silicon.Endpoint.SetPower(true);
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().NotBe(0xffff);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_card_that_a_function_level_reset_hangs_may_be_cured_by_a_reset_of_its_bus(bool isCured)
    {
        var silicon = new Silicon(
            DeviceImages.Nvme,
            new HardwareBehavior { SilenceAfterFunctionLevelReset = HardwareBehavior.Forever, AnswersAfterBusReset = isCured });

        silicon.Endpoint.Reset(ResetKind.FunctionLevel);
        silicon.Endpoint.IsSilent.Should().BeTrue();
        silicon.Port.Reset(ResetKind.Bus);

        silicon.Endpoint.IsSilent.Should().Be(!isCured);
    }

    [Fact]
    public void A_port_can_lose_its_link_for_good_with_its_power()
    {
        var silicon = new Silicon(behavior: new HardwareBehavior { LosesLinkWithPower = true });
        int express = silicon.Port.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        int linkStatus = express + ExpressRegisters.LinkStatus;
        silicon.Port.Configuration.Has(linkStatus, 2, ExpressRegisters.LinkStatusActive).Should().BeTrue();

        silicon.Port.SetPower(false);
        silicon.Port.SetPower(true);

        silicon.Port.IsLinkUp.Should().BeFalse();
        silicon.Port.Configuration.Has(linkStatus, 2, ExpressRegisters.LinkStatusActive).Should().BeFalse();
        silicon.Port.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x1b36);
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);
    }

    [Fact]
    public void Silence_counts_in_the_state_hash_until_it_is_over()
    {
        var silicon = new Silicon(behavior: SlowAfterPowerOn);
        SwitchOffAndOn();
        silicon.Clock.Advance(TimeSpan.FromSeconds(1));
        ulong before = Silicon.HashOf(silicon.Endpoint);

        SwitchOffAndOn();
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(200));
        Silicon.HashOf(silicon.Endpoint).Should().NotBe(before);
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Silicon.HashOf(silicon.Endpoint).Should().Be(before);

        void SwitchOffAndOn()
        {
            silicon.Endpoint.SetPower(false);
            silicon.Endpoint.SetPower(true);
        }
    }
}
