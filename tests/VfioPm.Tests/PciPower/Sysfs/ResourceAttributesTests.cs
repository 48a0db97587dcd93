namespace VfioPm.Tests;

/// <summary><c>rom</c>, <c>resourceN</c> and <c>resourceN_resize</c> (<c>drivers/pci/pci-sysfs.c</c>).</summary>
public sealed class ResourceAttributesTests
{
    private const ulong Megabyte = 1 << 20;

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Who_asks_for_sizes_wakes_the_function_and_who_asks_for_anything_else_does_not(string profile)
    {
        using SimulatedHost host = Make(profile, out PciDevice nic);
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        TimeSpan asleep = host.Clock.Now;
        nic.Sysfs.Write("rom", "1").Should().Succeed();

        nic.Sysfs.Read("rom").Error.Should().Be(Errno.EIO, "nobody answers");
        nic.Sysfs.Read("resource0").Error.Should().Be(Errno.EIO, "it is mapped");
        nic.Hardware.ReadBar(0, 0, 4).Should().Be(0xffff_ffff, "that is what a mapping shows");
        nic.Should().HaveStayedIn(PowerState.D3Cold, since: asleep);

        nic.Sysfs.Read("resource0_resize").Text.Should().Be("000000000000000f", "1, 2, 4 and 8 MB");
        nic.Should().HaveGone(PowerState.D3Cold, PowerState.D0);
    }

    [Theory]
    [InlineData("linux-6.1", "1\n", "0\n", "zero", Errno.EINVAL)]
    [InlineData("linux-6.12", "enable", "0\n", "zero", null)]
    [InlineData("linux-7.3", "y", "off\n", "zero", Errno.EINVAL)]
    public void pci_write_rom_says_whether_the_ROM_may_be_read(string profile, string on, string off, string other, Errno? error)
    {
        using SimulatedHost host = Make(profile, out PciDevice nic);
        nic.Sysfs.Read("rom").Error.Should().Be(Errno.EINVAL);
        nic.Sysfs.Write("rom", on).Should().Succeed();
        nic.Sysfs.Read("rom").Error.Should().Be(Errno.EIO, "memory is not enabled");

        nic.Sysfs.Write("enable", "1").Should().Succeed();
        nic.Sysfs.Read("rom").Error.Should().Be(Errno.EIO, "there is no image in it");
        Burn(nic);

        nic.Sysfs.Read("rom").Length.Should().Be(512);
        nic.Sysfs.Read("rom").Text.Should().StartWith("U\u00aa");
        nic.Hardware.Decodes(Bar.RomIndex).Should().BeFalse("it is unmapped again");
        nic.Sysfs.Write("rom", off).Should().Succeed();
        nic.Sysfs.Read("rom").Error.Should().Be(Errno.EINVAL);
        nic.Sysfs.Write("rom", other).Errno.Should().Be(error);
        nic.Sysfs.Write("rom", "0").Should().Succeed();
        nic.Sysfs.Read("rom").IsError.Should().Be(profile != "linux-6.12", "it wants a line's end");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void resource_resize_store_gives_a_BAR_of_a_function_without_driver_another_size(string profile)
    {
        using SimulatedHost host = Make(profile, out PciDevice nic);
        nic.Sysfs.Write("resource0_resize", "9").Errno.Should().Be(Errno.EINVAL);
        nic.Sysfs.Write("resource0_resize", "big").Errno.Should().Be(Errno.EINVAL);

        nic.Sysfs.Write("resource0_resize", "0").Should().Succeed();

        nic.Hardware.FindBar(0)!.Size.Should().Be(Megabyte);
        using VfioDeviceFile file = host.VfioPci.Bind(nic).Open();
        file.GetRegionInfo(0, out VfioRegionInfo info).Should().Succeed();
        info.Size.Should().Be(Megabyte);
        nic.Sysfs.Write("resource0_resize", "1").Errno.Should().Be(Errno.EBUSY, "a driver has it");
    }

    // pci_rebar_size_supported() and __resource_resize_store(): the size is a bit of the capability.
    [Theory]
    [InlineData("0", null)]
    [InlineData("2", null)]
    [InlineData("3", null)]
    [InlineData("4", Errno.EINVAL)]
    [InlineData("31", Errno.EINVAL)]
    [InlineData("32", Errno.EINVAL)]
    [InlineData("33", Errno.EINVAL)]
    public void resource_resize_store_takes_the_sizes_that_resource_resize_show_shows(string size, Errno? error)
    {
        using SimulatedHost host = Make("linux-6.12", out PciDevice nic);

        nic.Sysfs.Write("resource0_resize", size).Errno.Should().Be(error);

        nic.Hardware.FindBar(0)!.Size.Should().Be(error is null ? Megabyte << size[0] - '0' : 8 * Megabyte);
    }

    // pci_config_pm_runtime_get(): the port is awake as long as it is asked.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void resource_resize_store_and_show_let_the_function_and_the_port_sleep_again(string profile)
    {
        using SimulatedHost host = Make(profile, out PciDevice nic);
        nic.Sysfs.Write("enable", "1").Should().Succeed();
        uint command = nic.Hardware.ReadConfig(PciRegisters.Command, 2);
        (command & PciRegisters.CommandMemory).Should().NotBe(0);

        nic.Sysfs.Write("resource0_resize", "1").Should().Succeed();

        nic.UsageCount.Should().Be(1, "nobody drives it");
        nic.Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be(command);
        nic.Upstream!.UsageCount.Should().Be(0);
        host.VfioPci.Bind(nic);
        nic.Sysfs.Read("resource0_resize").IsError.Should().BeFalse();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Cold);
    }

    // pci_rebar_find_pos(): each entry of the capability names its BAR.
    [Fact]
    public void pci_rebar_find_pos_finds_the_entry_of_the_BAR()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        DeviceImage image = DeviceImages.E1000E.WithBarSize(1, 4 * Megabyte).WithBarSize(3, 8 * Megabyte)
            .WithCapability(ExtendedCapabilityId.ResizableBar, [0x70, 0, 0, 0, 0x41, 2, 0, 0, 0xf0, 0, 0, 0, 0x43, 3, 0, 0], isExtended: true);
        PciDevice nic = host.AddEndpoint("0000:00:05.0", image);

        nic.Sysfs.Read("resource1_resize").Text.Should().Be("0000000000000007");
        nic.Sysfs.Read("resource3_resize").Text.Should().Be("000000000000000f");
        nic.Sysfs.Write("resource3_resize", "1").Should().Succeed();
        nic.Hardware.FindBar(1)!.Size.Should().Be(4 * Megabyte);
        nic.Hardware.FindBar(3)!.Size.Should().Be(2 * Megabyte);
        nic.Sysfs.Read("resource0_resize").Error.Should().Be(Errno.ENOENT, "the capability has two entries");
    }

    [Theory]
    [InlineData("resource0_wc", Errno.ENOENT)]
    [InlineData("resource2_wc", Errno.ENOENT)]
    [InlineData("resource4_wc", Errno.EIO)]
    [InlineData("resource2", Errno.EINVAL)]
    [InlineData("resource5", Errno.ENOENT)]
    public void pci_create_attr_makes_a_second_file_of_prefetchable_memory(string attribute, Errno error)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes[PciRegisters.BaseAddress0 + 16] = 0x0c;
        PciDevice nic = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithBytes(bytes).WithBarSize(4, Megabyte));

        nic.Sysfs.Read(attribute).Error.Should().Be(error);
    }

    [Theory]
    [InlineData("linux-5.10", false)]
    [InlineData("linux-6.1", true)]
    public void Sizes_are_shown_since_5_19(string profile, bool isThere)
    {
        using SimulatedHost host = Make(profile, out PciDevice nic);

        nic.Sysfs.Read("resource0_resize").IsError.Should().Be(!isThere);
        nic.Sysfs.Read("resource1_resize").Error.Should().Be(Errno.ENOENT, "there is no such BAR, or it is not resizable");
    }

    [Theory]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", true)]
    public void serial_number_show_wakes_nobody(string profile, bool isThere)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", static p => p.WithPowerResource());
        DeviceImage image = DeviceImages.E1000E.WithoutCapability(ExtendedCapabilityId.SerialNumber, isExtended: true)
            .WithCapability(ExtendedCapabilityId.SerialNumber, [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08], isExtended: true);
        PciDevice nic = port.AddEndpoint("0000:01:00.0", image);

        nic.Sysfs.Read("serial_number").Text.Should().Be(isThere ? "08-07-06-05-04-03-02-01" : null);
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Sysfs.Read("serial_number").Error.Should().Be(isThere ? Errno.EIO : Errno.ENOENT);
        nic.Should().BeIn(PowerState.D3Cold);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_dev_hp_attrs_are_not_there_for_virtual_functions(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile), new VfioModuleParameters { EnableSriov = true });
        PciDevice pf = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme);
        host.VfioPci.Bind(pf);
        pf.Sysfs.Write("sriov_numvfs", "1").Should().Succeed();

        pf.Sriov!.VirtualFunctions[0].Sysfs.Write("remove", "1").Errno.Should().Be(Errno.ENOENT);
        pf.Sriov.VirtualFunctions[0].Sysfs.Write("rescan", "1").Errno.Should().Be(Errno.ENOENT);
        pf.Sysfs.Write("rescan", "1").Should().Succeed();
    }

    private static SimulatedHost Make(string profile, out PciDevice nic)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", static p => p.WithPowerResource());
        nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithBarSize(0, 8 * Megabyte).WithResizableBar(0, Megabyte, 8 * Megabyte));
        return host;
    }

    private static void Burn(PciDevice nic)
    {
        uint register = nic.Hardware.ReadConfig(PciRegisters.RomAddress, 4);
        nic.Hardware.WriteConfig(PciRegisters.RomAddress, 4, register | PciRegisters.RomAddressEnable);
        nic.Hardware.WriteBar(Bar.RomIndex, 0, 2, 0xaa55);
        nic.Hardware.WriteBar(Bar.RomIndex, 0x18, 2, 0x1c);
        nic.Hardware.WriteBar(Bar.RomIndex, 0x1c, 4, 0x5249_4350);
        nic.Hardware.WriteBar(Bar.RomIndex, 0x26, 2, 0x18);
        nic.Hardware.WriteBar(Bar.RomIndex, 0x2c, 2, 1);
        nic.Hardware.WriteBar(Bar.RomIndex, 0x31, 1, 0x80);
        nic.Hardware.WriteConfig(PciRegisters.RomAddress, 4, register);
    }
}
