namespace VfioPm.Tests;

// pci_save_state() and pci_restore_state() (drivers/pci/pci.c), over a loss of power.
public sealed class SavedStateTests
{
    private const int Aer = 0x100;

    /// <summary>Registers that come back: the function, the register, its width, and what somebody wrote into it.</summary>
    public static TheoryData<string, int, int, uint> Restored => new()
    {
        { "LTR", CapabilityImages.Extended + 0x04, 4, 0x1003_0842 },
        { "PTM", CapabilityImages.Extended + 0x08, 4, 0x0401 },
        { "VC", CapabilityImages.Extended + 0x0c, 2, 0x0002 },
        { "VC", CapabilityImages.Extended + 0x14, 4, 0x8000_000f },
        { "VC", CapabilityImages.Extended + 0x20, 4, 0x0100_0070 },
        { "AER", Aer + 0x08, 4, 0x0010_4000 },
        { "AER", Aer + 0x0c, 4, 0x0046_2010 },
        { "AER", Aer + 0x14, 4, 0x0000_1000 },
        { "AER", Aer + 0x18, 4, 0x0000_01e0 },
        { "PCI-X", CapabilityImages.Standard + 0x02, 2, 0x0051 },
    };

    /// <summary>Registers that nobody saves.</summary>
    public static TheoryData<string, int, int, uint> Lost => new()
    {
        { "ATS", CapabilityImages.Extended + 0x06, 2, 0x8001 },
        { "PRI", CapabilityImages.Extended + 0x04, 2, 0x0001 },
        { "PRI", CapabilityImages.Extended + 0x0c, 4, 0x0000_0020 },
        { "PASID", CapabilityImages.Extended + 0x06, 2, 0x0003 },
        { "DPC", CapabilityImages.Extended + 0x06, 2, 0x0001 },
    };

    [Theory]
    [MemberData(nameof(Restored))]
    public void What_the_kernel_saves_is_lost_with_the_power_and_comes_back(
        string capability, int offset, int width, uint value)
    {
        Machine machine = Sleep(ImageWith(capability), offset, width, value);
        machine.Nic.Hardware.Configuration.Read(offset, width).Should().NotBe(value, "the power is off");

        Wake(machine);

        machine.Nic.Hardware.ReadConfig(offset, width).Should().Be(value);
    }

    [Theory]
    [MemberData(nameof(Lost))]
    public void What_the_kernel_does_not_save_is_lost_with_the_power(
        string capability, int offset, int width, uint value)
    {
        Machine machine = Sleep(ImageWith(capability), offset, width, value);

        Wake(machine);

        machine.Nic.Hardware.ReadConfig(offset, width).Should().Be(0);
    }

    [Fact]
    public void An_endpoint_does_not_switch_its_virtual_channels_on_again()
    {
        Machine machine = Sleep(ImageWith("VC"), CapabilityImages.Extended + 0x20, 4, 0x8100_0070);

        Wake(machine);

        machine.Nic.Hardware.ReadConfig(CapabilityImages.Extended + 0x20, 4).Should().Be(0x0100_0070);
    }

    [Theory]
    [InlineData("linux-5.10", 0u)]
    [InlineData("linux-6.1", 0x0401u)]
    public void Linux_5_10_forgets_precision_time(string profile, uint expected)
    {
        Machine machine = new(KernelProfile.Parse(profile), image: ImageWith("PTM"));
        PciDevice nic = machine.Nic;
        nic.Hardware.WriteConfig(CapabilityImages.Extended + 0x08, 4, 0x0401);

        PciPm.SaveState(nic);
        LosePower(nic);
        PciPm.RestoreState(nic);

        nic.Hardware.ReadConfig(CapabilityImages.Extended + 0x08, 4).Should().Be(expected);
    }

    [Fact]
    public void A_port_keeps_what_it_contains_and_whom_it_tells_of_errors()
    {
        const int Containment = CapabilityImages.Extended + 0x06;
        const int RootErrorCommand = 0x12c;
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice port = host.AddRootPort("0000:00:03.0", static setup => setup.WithImage(
            DeviceImages.RootPort.WithExtended(ExtendedCapabilityId.DownstreamPortContainment)));
        port.Hardware.Capabilities.FindExtended(ExtendedCapabilityId.AdvancedErrorReporting)!.Value.Offset.Should().Be(0x100);
        port.Hardware.WriteConfig(Containment, 2, 0x0009);
        port.Hardware.WriteConfig(RootErrorCommand, 4, 0x0007);

        PciPm.SaveState(port);
        LosePower(port);
        port.Hardware.ReadConfig(RootErrorCommand, 4).Should().Be(0);
        PciPm.RestoreState(port);

        port.Hardware.ReadConfig(Containment, 2).Should().Be(0x0009);
        port.Hardware.ReadConfig(RootErrorCommand, 4).Should().Be(0x0007);
    }

    [Fact]
    public void A_resizable_BAR_gets_the_size_that_the_kernel_knows_and_not_the_one_that_somebody_wrote()
    {
        const int Control = CapabilityImages.Extended + 0x08;
        const uint FourMegabytes = 0x0000_0220;
        DeviceImage image = DeviceImages.E1000E.WithBarSize(0, 0x40_0000)
            .WithExtended(ExtendedCapabilityId.ResizableBar, (0x04, 0x0000_00f0), (0x08, FourMegabytes));
        Machine machine = Sleep(image, Control, 4, 0x0000_0520);
        machine.Nic.Hardware.Configuration.Read(Control, 4).Should().Be(0x0000_0020, "such is the silicon without power");

        Wake(machine);

        machine.Nic.Hardware.ReadConfig(Control, 4).Should().Be(FourMegabytes);
    }

    [Theory]
    [InlineData("linux-6.1", 0u)]
    [InlineData("linux-6.12", 0x4055_000fu)]
    public void Later_kernels_restore_the_L1_substates_of_both_ends_of_the_link_together(string profile, uint expected)
    {
        const int Control1 = CapabilityImages.Extended + 0x08;
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", static setup => setup.WithImage(
            DeviceImages.RootPort.WithExtended(ExtendedCapabilityId.L1Substates)));
        PciDevice nic = port.AddEndpoint(
            "0000:01:00.0", DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.L1Substates));
        port.Hardware.WriteConfig(Control1, 4, 0x4055_000f);
        nic.Hardware.WriteConfig(Control1, 4, 0x4055_000f);

        PciPm.SaveState(nic);
        PciPm.SaveState(port);
        LosePower(port);
        LosePower(nic);
        PciPm.RestoreState(port);
        port.Hardware.ReadConfig(Control1, 4).Should().Be(0, "the port waits for the function below");
        PciPm.RestoreState(nic);

        port.Hardware.ReadConfig(Control1, 4).Should().Be(expected);
        nic.Hardware.ReadConfig(Control1, 4).Should().Be(expected);
    }

    [Fact]
    public void Functions_are_kept_apart_again()
    {
        const int Control = CapabilityImages.Extended + 0x06;
        DeviceImage image = DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.AccessControl, (0x04, 0x001d_005f));
        Machine machine = Sleep(image, Control, 2, 0x0042);
        machine.Nic.Hardware.Configuration.Read(Control, 2).Should().Be(0);

        Wake(machine);

        machine.Nic.Hardware.ReadConfig(Control, 2).Should().Be(0x001d, "of the five that it can, those the kernel wants");
    }

    [Fact]
    public void Errors_of_before_are_cleared()
    {
        Machine machine = new(KernelProfile.Linux6_1);
        ConfigurationSpace space = machine.Nic.Hardware.Configuration;
        space.SetBits(Aer + 0x04, 0x4000, set: true);
        space.SetBits(Aer + 0x10, 0x1000, set: true);

        PciPm.SaveState(machine.Nic);
        PciPm.RestoreState(machine.Nic);

        space.Read(Aer + 0x04, 4).Should().Be(0);
        space.Read(Aer + 0x10, 4).Should().Be(0);
    }

    [Fact]
    public void What_a_guest_wrote_into_its_error_masks_outlives_the_loss_of_power()
    {
        Machine machine = new(KernelProfile.Linux6_1);
        using VfioDeviceFile device = machine.Open();
        device.Config.Write(Aer + 0x08, 4, 0x0010_4000);
        device.EnterLowPower();
        machine.Settle();
        machine.Nic.Should().BeIn(PowerState.D3Cold);

        device.ExitLowPower();

        device.Config.Read(Aer + 0x08, 4).Should().Be(0x0010_4000);
    }

    // pcie_capability_reg_implemented(): Device, Link, Slot and Root Control, and the second Device and Link Control.
    [Theory]
    [InlineData("linux-6.12", ExpressPortType.RootPort, false, "8 10 1c 28 30")]
    [InlineData("linux-6.12", ExpressPortType.RootPort, true, "8 10 18 1c 28 30")]
    [InlineData("linux-6.12", ExpressPortType.DownstreamPort, true, "8 10 18 28 30")]
    [InlineData("linux-6.12", ExpressPortType.UpstreamPort, true, "8 10 28 30")]
    [InlineData("linux-6.12", ExpressPortType.IntegratedEndpoint, false, "8 28")]
    [InlineData("linux-6.1", ExpressPortType.IntegratedEndpoint, false, "8 28 30")]
    public void pci_save_pcie_state_saves_what_the_function_has(string profile, ExpressPortType type, bool hasSlot, string expected)
    {
        bool isPort = type != ExpressPortType.IntegratedEndpoint;
        DeviceImage image = (isPort ? DeviceImages.RootPort : DeviceImages.Nvme).WithPortType(type);
        byte[] bytes = image.Bytes.ToArray();
        int flags = image.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.Flags + 1;
        bytes[flags] = (byte)((bytes[flags] & 0xfe) | (hasSlot ? 1 : 0));
        using var host = new SimulatedHost(KernelProfile.Parse(profile));

        PciDevice device = host.AddEndpoint("0000:00:05.0", image.WithBytes(bytes));

        string.Join(' ', SavedOffsets(device, device.Express!.Offset, 0x3c)).Should().Be(expected);
    }

    // pci_save_aer_state(): Root Error Command is of whom errors are told to.
    [Theory]
    [InlineData(ExpressPortType.RootPort, "4 8 c 10 14 18 2c 30")]
    [InlineData(ExpressPortType.DownstreamPort, "4 8 c 10 14 18")]
    public void pci_save_aer_state_saves_a_root_ports_command_too(ExpressPortType type, string expected)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);

        PciDevice port = host.AddEndpoint("0000:00:05.0", DeviceImages.RootPort.WithPortType(type));

        string.Join(' ', SavedOffsets(port, Aer, 0x38).Order(Comparer<string>.Create(static (one, other) =>
            Convert.ToInt32(one, 16).CompareTo(Convert.ToInt32(other, 16))))).Should().Be(expected);
    }

    // Port VC Capability Register 1 has the number of the others in three bits.
    [Theory]
    [InlineData(0x0000_0c00u, "c 14")]
    [InlineData(0x0000_0c12u, "c 14 20 2c")]
    public void pci_vc_save_state_saves_as_many_channels_as_there_are(uint capability, string expected)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);

        PciDevice card = host.AddEndpoint(
            "0000:00:05.0", DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.VirtualChannel, (0x04, capability)));

        string.Join(' ', SavedOffsets(card, CapabilityImages.Extended, 0x60)).Should().Be(expected);
    }

    [Fact]
    public void Behind_an_Express_capability_of_version_1_nothing_is_taken_for_its_second_half()
    {
        Machine machine = new(KernelProfile.Linux6_1);
        uint flags = machine.Nic.Hardware.ReadConfig(machine.Nic.Express!.Offset + ExpressRegisters.Flags, 2);
        (flags & ExpressRegisters.FlagsVersion).Should().Be(1);

        SavedRegisters.Of(machine.Nic.Layout).Registers.Should().NotContain(register =>
            register.IsSaved && register.Offset == machine.Nic.Express.Offset + 0x30);
    }

    private static IEnumerable<string> SavedOffsets(PciDevice device, int capability, int length) =>
        SavedRegisters.Of(device.Layout).Registers.ToArray()
            .Select(register => register.Offset - capability).Where(offset => offset >= 0 && offset < length).Select(static offset => $"{offset:x}");

    private static DeviceImage ImageWith(string capability) => capability switch
    {
        "LTR" => DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.LatencyTolerance),
        "PTM" => DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.PrecisionTime, (0x04, 0x0000_0001)),
        "VC" => DeviceImages.E1000E.WithExtended(
            ExtendedCapabilityId.VirtualChannel, (0x04, 0x0000_0001), (0x14, 0x8000_00ff)),
        "AER" => WithChecksums(),
        "PCI-X" => DeviceImages.E1000E.WithStandard(CapabilityId.PciX),
        "ATS" => DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.AddressTranslation),
        "PRI" => DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.PageRequest),
        "PASID" => DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.ProcessAddressSpace),
        _ => DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.DownstreamPortContainment),
    };

    /// <summary>Error reporting of a function that can make and check ECRC.</summary>
    private static DeviceImage WithChecksums()
    {
        byte[] bytes = [.. DeviceImages.E1000E.Bytes.Span];
        bytes[Aer + 0x18] = 0xa0;
        return DeviceImages.E1000E.WithBytes(bytes);
    }

    private static Machine Sleep(DeviceImage image, int offset, int width, uint value)
    {
        var machine = new Machine(KernelProfile.Linux6_1, image: image);
        VfioDeviceFile device = machine.Open();
        machine.Nic.Hardware.WriteConfig(offset, width, value);
        machine.Nic.Hardware.ReadConfig(offset, width).Should().Be(value, "the silicon has such a register");
        device.EnterLowPower();
        machine.Settle();
        machine.Nic.Should().BeIn(PowerState.D3Cold);
        return machine;
    }

    private static void Wake(Machine machine)
    {
        machine.Host.VfioPci.Devices[0].Files[0].ExitLowPower();
        machine.Nic.Should().BeIn(PowerState.D0);
    }

    private static void LosePower(PciDevice device)
    {
        device.Hardware.SetPower(false);
        device.Hardware.SetPower(true);
    }
}
