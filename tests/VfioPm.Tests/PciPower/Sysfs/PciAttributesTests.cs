using System.Text;

namespace VfioPm.Tests;

/// <summary>What else functions have in sysfs (<c>drivers/pci/pci-sysfs.c</c>).</summary>
public sealed class PciAttributesTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);
    private readonly PciDevice _port;
    private readonly PciDevice _nic;

    public PciAttributesTests()
    {
        _port = _host.AddRootPort("0000:00:03.0", static port => port.WithPowerResource());
        _nic = _port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E);
    }

    public void Dispose() => _host.Dispose();

    /// <summary>Whoever reads a register below a sleeping port waits for it, and others can do something meanwhile.</summary>
    [Fact]
    public void A_read_that_was_begun_is_over_when_the_port_is_awake_and_has_the_text_with_its_lines_end()
    {
        _host.VfioPci.Bind(_nic);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));
        UserMemory page = new(4096);

        PendingCall read = _nic.Sysfs.BeginRead("current_link_speed", page);

        read.IsCompleted.Should().BeFalse("the port sleeps");
        _host.Clock.Advance(TimeSpan.FromSeconds(1));
        read.Result.Should().Be((KernelResult)14);
        Encoding.ASCII.GetString(page.Bytes[..14]).Should().Be("2.5 GT/s PCIe\n");
    }

    [Theory]
    [InlineData("no_such_attribute", Errno.ENOENT)]
    [InlineData("reset", Errno.EACCES)]
    [InlineData("power/autosuspend_delay_ms", Errno.EIO)]
    public void A_read_that_was_begun_fails_as_any_does(string attribute, Errno error)
    {
        UserMemory page = new(4096);

        _nic.Sysfs.BeginRead(attribute, page).Result.Should().Be((KernelResult)error);

        page.Bytes.ToArray().Should().OnlyContain(static value => value == 0);
    }

    [Fact]
    public void Of_a_read_that_was_begun_there_is_as_much_as_there_is_memory_for()
    {
        UserMemory memory = new(4);

        _nic.Sysfs.BeginRead("vendor", memory).Result.Should().Be((KernelResult)4);

        Encoding.ASCII.GetString(memory.Bytes).Should().Be("0x80");
    }

    [Theory]
    [InlineData("vendor", "0x8086")]
    [InlineData("device", "0x10d3")]
    [InlineData("class", "0x020000")]
    [InlineData("revision", "0x00")]
    [InlineData("power/async", "enabled")]
    [InlineData("power/wakeup_count", "")]
    public void Attributes_show_what_the_kernel_holds(string attribute, string text) =>
        _nic.Sysfs.Read(attribute).Text.Should().Be(text);

    [Theory]
    [InlineData("power_state")]
    [InlineData("vendor")]
    [InlineData("power/runtime_status")]
    public void What_can_only_be_read_cannot_be_written(string attribute) =>
        _nic.Sysfs.Write(attribute, "1").Errno.Should().Be(Errno.EACCES);

    [Theory]
    [InlineData("reset")]
    [InlineData("rescan")]
    public void What_can_only_be_written_cannot_be_read(string attribute) =>
        _nic.Sysfs.Read(attribute).Error.Should().Be(Errno.EACCES);

    [Fact]
    public void An_attribute_that_there_is_not_is_neither()
    {
        _nic.Sysfs.Read("colour").Error.Should().Be(Errno.ENOENT);
        _nic.Sysfs.Write("power/colour", "1").Errno.Should().Be(Errno.ENOENT);
        _nic.Sysfs.Read("secondary_bus_number").Error.Should().Be(Errno.ENOENT, "it is no bridge");
    }

    [Theory]
    [InlineData("linux-6.1", "max_link_speed", true)]
    [InlineData("linux-6.12", "max_link_speed", false)]
    [InlineData("linux-7.3", "max_link_speed", false)]
    [InlineData("linux-7.3", "max_link_width", true)]
    [InlineData("linux-6.1", "current_link_speed", true)]
    [InlineData("linux-7.3", "current_link_width", true)]
    [InlineData("linux-7.3", "class", false)]
    public void Who_reads_the_link_wakes_the_function(string kernel, string attribute, bool wakes)
    {
        var host = new SimulatedHost(KernelProfile.All.Single(profile => profile.Name == kernel));
        PciDevice port = host.AddRootPort("0000:00:03.0", static port => port.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E);
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        nic.PowerState.Should().Be(PowerState.D3Cold);

        nic.Sysfs.Read(attribute).Text.Should().NotBeNull();

        nic.PowerState.Should().Be(wakes ? PowerState.D0 : PowerState.D3Cold);
    }

    [Fact]
    public void The_link_of_the_adapter_has_the_first_speed()
    {
        _nic.Sysfs.Read("current_link_speed").Text.Should().Be("2.5 GT/s PCIe");
        _nic.Sysfs.Read("max_link_speed").Text.Should().Be("2.5 GT/s PCIe");
        _nic.Sysfs.Read("max_link_width").Text.Should().Be("1");
        _port.Sysfs.Read("secondary_bus_number").Text.Should().Be("1");
    }

    [Theory]
    [InlineData(2, "5.0 GT/s PCIe")]
    [InlineData(3, "8.0 GT/s PCIe")]
    [InlineData(5, "32.0 GT/s PCIe")]
    [InlineData(6, "64.0 GT/s PCIe")]
    [InlineData(7, "64.0 GT/s PCIe")]
    public void The_fastest_link_is_told_by_its_speed(int speed, string text)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);

        PciDevice port = host.AddRootPort(
            "0000:00:05.0", setup => setup.WithImage(DeviceImages.RootPort.WithLink(speed, reportsActive: false)));

        port.Sysfs.Read("max_link_speed").Text.Should().Be(text);
    }

    // Link Capabilities know of 2.5 and 5 GT/s, and newer kernels believe both them and the vector; older ones the vector alone.
    [Theory]
    [InlineData("linux-6.1", 4, 2, "16.0 GT/s PCIe")]
    [InlineData("linux-6.12", 4, 2, "5.0 GT/s PCIe")]
    [InlineData("linux-7.3", 4, 2, "5.0 GT/s PCIe")]
    [InlineData("linux-6.1", 0, 3, "Unknown")]
    [InlineData("linux-6.12", 0, 3, "Unknown")]
    [InlineData("linux-7.3", 0, 2, "5.0 GT/s PCIe")]
    public void pcie_get_speed_cap_believes_the_vector_of_speeds(string kernel, int vector, int fastest, string text)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(kernel));
        byte[] bytes = DeviceImages.RootPort.Bytes.ToArray();
        int express = DeviceImages.RootPort.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        bytes[express + ExpressRegisters.LinkCapabilities] = (byte)((bytes[express + ExpressRegisters.LinkCapabilities] & 0xf0) | fastest);
        bytes[express + ExpressRegisters.LinkCapabilities2] = (byte)(((2 << vector) - 1) & 0xfe);
        PciDevice port = host.AddRootPort("0000:00:05.0", setup => setup.WithImage(DeviceImages.RootPort.WithBytes(bytes)));

        port.Sysfs.Read("max_link_speed").Text.Should().Be(text);
    }

    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void current_link_speed_show_has_nothing_to_say_of_who_is_gone(string kernel)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(kernel));
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.E1000E);
        nic.IsDisconnected = true;

        nic.Sysfs.Read("current_link_speed").Error.Should().Be(Errno.EINVAL);
        nic.Sysfs.Read("current_link_width").Error.Should().Be(Errno.EINVAL);
        nic.Sysfs.Read("max_link_width").Text.Should().Be("255");
    }

    // What is inside of the root complex has no link.
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-7.3")]
    public void pcie_cap_has_lnkctl_says_that_a_function_of_the_root_complex_has_no_link(string kernel)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(kernel));
        PciDevice inside = host.AddEndpoint(
            "0000:00:05.0", DeviceImages.E1000E.WithPortType(ExpressPortType.IntegratedEndpoint));

        inside.Sysfs.Read("current_link_speed").Text.Should().Be("Unknown");
        inside.Sysfs.Read("current_link_width").Text.Should().Be("0");
        inside.Sysfs.Read("max_link_width").Text.Should().Be("255");
    }

    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void msi_bus_store_says_for_whom(string kernel)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(kernel), loggerFactory: log);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E);

        nic.Sysfs.Write("msi_bus", "0");
        port.Sysfs.Write("msi_bus", "1");

        log.Lines.Should().Equal(
            "Information 0000:01:00.0: MSI/MSI-X disallowed for future drivers",
            "Information pci_bus 0000:01: MSI/MSI-X allowed for future drivers of devices on this bus");
    }

    [Fact]
    public void msi_bus_store_names_the_bus_below_a_bridge_that_has_nobody_there()
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Linux6_12, loggerFactory: log);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        port.Hardware.WriteConfig(PciRegisters.SecondaryBus, 1, 5);

        port.Sysfs.Write("msi_bus", "0").Should().Succeed();

        log.Lines.Should().Equal("Information pci_bus 0000:05: MSI/MSI-X disallowed for future drivers of devices on this bus");
    }

    // d3cold_allowed_store(): so that it sleeps anew, and as deeply as it may now.
    [Theory]
    [InlineData("0", PowerState.D3Hot)]
    [InlineData("1", PowerState.D3Cold)]
    public void d3cold_allowed_store_wakes_the_function(string allowed, PowerState deepest)
    {
        _host.VfioPci.Bind(_nic);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));
        _nic.PowerState.Should().Be(PowerState.D3Cold);

        _nic.Sysfs.Write("d3cold_allowed", allowed).Should().Succeed();

        _nic.PowerState.Should().Be(PowerState.D0);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));
        _nic.PowerState.Should().Be(deepest);
    }

    // kernfs_get_active(): its files are gone, also those that remove themselves.
    [Theory]
    [InlineData("remove")]
    [InlineData("driver/unbind")]
    [InlineData("d3cold_allowed")]
    public void Of_a_function_that_was_removed_there_are_no_files(string attribute)
    {
        _nic.Sysfs.Write("remove", "1").Should().Succeed();

        _nic.Sysfs.Write(attribute, "1").Should().FailWith(Errno.ENOENT);
    }

    [Fact]
    public void A_rescan_of_the_root_bus_wakes_its_ports_and_one_below_them_nobody()
    {
        _host.VfioPci.Bind(_nic);
        _host.Clock.Advance(TimeSpan.FromSeconds(1));

        _nic.Sysfs.Write("rescan", "1").Should().Be(KernelResult.Success);
        _port.PowerState.Should().Be(PowerState.D3Cold);

        _port.Sysfs.Write("rescan", "0").Should().Be(KernelResult.Success);
        _port.PowerState.Should().Be(PowerState.D3Cold);

        _port.Sysfs.Write("rescan", "1").Should().Be(KernelResult.Success);
        _port.PowerState.Should().Be(PowerState.D0);
        _port.UsageCount.Should().Be(0);
    }

    [Theory]
    [InlineData("0000:00:03.0")]
    [InlineData("0000:01:00.0")]
    public void Without_msi_bus_here_or_above_there_are_no_messages(string address)
    {
        VfioDeviceFile file = _host.VfioPci.Bind(_nic).Open();
        _host[address].Sysfs.Write("msi_bus", "0").Should().Be(KernelResult.Success);

        file.EnableIrqs(VfioIrqIndex.Msi, new EventFd()).Errno.Should().Be(Errno.EINVAL);

        _host[address].Sysfs.Read("msi_bus").Text.Should().Be("0");
        _host[address].Sysfs.Write("msi_bus", "1").Should().Be(KernelResult.Success);
        file.EnableIrqs(VfioIrqIndex.Msi, new EventFd()).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void Reset_subordinate_resets_what_is_below_and_wakes_nobody()
    {
        _nic.Sysfs.Read("reset_subordinate").Error.Should().Be(Errno.ENOENT, "it is no bridge");
        _nic.Hardware.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        _nic.Hardware.WriteBar(0, 0, 4, 0x1234);
        _host.Clock.Advance(TimeSpan.FromSeconds(1));
        _host.Trace.Clear();

        _port.Sysfs.Write("reset_subordinate", "1").Should().Be(KernelResult.Success);

        _nic.Hardware.ReadBar(0, 0, 4).Should().Be(0);
        _host.Trace.Entries.Should().NotContain(static entry => entry.Kind == TraceKind.Rpm);
    }
}
