namespace VfioPm.Tests.Pci;

/// <summary>PCI Express Base, section 6.6.</summary>
public class ResetTests
{
    private const int NvmeDeviceControl = 0x80 + ExpressRegisters.DeviceControl;
    private const uint MaxPayload256 = 0x20;

    [Fact]
    public void Initiate_FLR_resets_the_function_and_reads_zero()
    {
        var silicon = new Silicon(DeviceImages.Nvme);

        silicon.Endpoint.WriteConfig(NvmeDeviceControl, 2, ExpressRegisters.DeviceControlInitiateFlr);
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(100));

        silicon.Command.Should().Be(0);
        (silicon.Endpoint.ReadConfig(NvmeDeviceControl, 2) & ExpressRegisters.DeviceControlInitiateFlr).Should().Be(0);
    }

    [Theory]
    [InlineData(0, 4, 0x8000u, true)]
    [InlineData(0, 2, 0x8000u, true)]
    [InlineData(1, 1, 0x80u, true)]
    [InlineData(0, 1, 0x80u, false)]
    [InlineData(0, 2, 0x7fffu, false)]
    [InlineData(2, 2, 0x8000u, false)]
    [InlineData(-4, 4, 0x8000_8000u, false)]
    public void Initiate_FLR_may_be_written_with_any_width_that_reaches_it(int offset, int width, uint value, bool resets)
    {
        var silicon = new Silicon(DeviceImages.Nvme) { Command = PciRegisters.CommandMemory };

        silicon.Endpoint.WriteConfig(NvmeDeviceControl + offset, width, value);
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(100));

        silicon.Command.Should().Be(resets ? 0u : PciRegisters.CommandMemory);
    }

    [Fact]
    public void A_function_without_FLR_takes_no_notice_of_the_bit()
    {
        var silicon = new Silicon();
        uint command = silicon.Command;
        int deviceControl = 0xe0 + ExpressRegisters.DeviceControl;

        silicon.Endpoint.WriteConfig(deviceControl, 2, ExpressRegisters.DeviceControlInitiateFlr);

        silicon.Command.Should().Be(command);
    }

    // Section 6.6.2: fields that the whole link shares are left alone.
    [Fact]
    public void FLR_leaves_the_payload_size_and_a_bus_reset_does_not()
    {
        var silicon = new Silicon(DeviceImages.Nvme);
        silicon.Endpoint.WriteConfig(NvmeDeviceControl, 2, MaxPayload256);

        silicon.Endpoint.Reset(ResetKind.FunctionLevel);
        (silicon.Endpoint.Configuration.Read(NvmeDeviceControl, 2) & 0xe0).Should().Be(MaxPayload256);

        silicon.Endpoint.Reset(ResetKind.Bus);
        (silicon.Endpoint.Configuration.Read(NvmeDeviceControl, 2) & 0xe0).Should().Be(0);
    }

    [Fact]
    public void FLR_leaves_D3hot()
    {
        var silicon = new Silicon(DeviceImages.Nvme);
        silicon.SetState(PowerState.D3Hot);

        silicon.Endpoint.Reset();

        silicon.Endpoint.PowerState.Should().Be(PowerState.D0);
    }

    [Fact]
    public void The_advanced_features_capability_resets_a_conventional_function()
    {
        byte[] bytes = new byte[256];
        DeviceImages.E1000E.Bytes[..64].CopyTo(bytes);
        bytes[PciRegisters.CapabilityPointer] = 0x50;
        byte[] capability = [CapabilityId.AdvancedFeatures, 0x00, 0x06, 0x03];
        capability.CopyTo(bytes, 0x50);
        var silicon = new Silicon(DeviceImage.FromConfigBytes(bytes));

        silicon.Endpoint.WriteConfig(0x54, 1, AdvancedFeaturesRegisters.ControlInitiateFlr);

        silicon.Command.Should().Be(0);
        silicon.Endpoint.ReadConfig(0x54, 1).Should().Be(0);
    }

    [Fact]
    public void A_bus_reset_holds_all_that_is_below_until_it_ends()
    {
        var silicon = new Silicon();
        uint portCommand = silicon.Port.ReadConfig(PciRegisters.Command, 2);

        silicon.Port.WriteConfig(PciRegisters.BridgeControl, 2, PciRegisters.BridgeControlBusReset);
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);
        silicon.Port.WriteConfig(PciRegisters.BridgeControl, 2, 0);
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(100));

        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x8086);
        silicon.Command.Should().Be(0);
        silicon.Port.ReadConfig(PciRegisters.Command, 2).Should().Be(portCommand, "the port itself was not reset");
        silicon.Endpoint.Faults.Should().BeEmpty();
    }

    [Fact]
    public void A_bus_reset_goes_through_the_bridges_below()
    {
        var clock = new VirtualClock();
        var top = new PciFunction(clock, DeviceImages.RootPort);
        var middle = new PciFunction(clock, DeviceImages.RootPort.At(PciAddress.Parse("01:00.0")), top);
        var leaf = new PciFunction(clock, DeviceImages.E1000E.At(PciAddress.Parse("02:00.0")), middle);

        top.WriteConfig(PciRegisters.BridgeControl, 2, PciRegisters.BridgeControlBusReset);

        leaf.Configuration.Read(PciRegisters.Command, 2).Should().Be(0);
        middle.Bridge!.SecondaryBus.Should().Be(0);
    }

    [Fact]
    public void Errors_are_remembered_over_a_bus_reset_and_forgotten_without_power()
    {
        const int UncorrectableMask = 0x108;
        var silicon = new Silicon();
        silicon.Endpoint.WriteConfig(UncorrectableMask, 4, 0x0010_0000);

        silicon.Endpoint.Reset(ResetKind.Bus);
        silicon.Endpoint.Configuration.Read(UncorrectableMask, 4).Should().Be(0x0010_0000);

        silicon.Endpoint.SetPower(false);
        silicon.Endpoint.Configuration.Read(UncorrectableMask, 4).Should().NotBe(0x0010_0000u);
    }
}
