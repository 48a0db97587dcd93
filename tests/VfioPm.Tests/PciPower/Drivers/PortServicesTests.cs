using System.Buffers.Binary;

namespace VfioPm.Tests;

/// <summary>Which ports have services, and with them master the bus and take messages (<c>pcie_port_device_register()</c>).</summary>
public sealed class PortServicesTests
{
    private const int Masters = PciRegisters.CommandMaster | PciRegisters.CommandInterruptDisable;

    private const uint NotifiesOfBandwidth = ExpressRegisters.LinkCapabilitiesNotifiesOfBandwidth;

    private static readonly Firmware KeepsAll = new() { GrantsPme = false, GrantsHotplug = false, GrantsErrorReporting = false };

    [Fact]
    public void A_root_port_has_PMEs() =>
        CommandOf(KernelProfile.Linux7_3, KeepsAll with { GrantsPme = true }, ExpressPortType.RootPort).Should().Be(Masters);

    [Fact]
    public void A_root_port_has_nothing_where_the_firmware_keeps_all() =>
        CommandOf(KernelProfile.Linux7_3, KeepsAll, ExpressPortType.RootPort).Should().Be(0);

    [Fact]
    public void A_root_port_has_what_the_command_line_takes_from_the_firmware() =>
        CommandOf(KernelProfile.Linux7_3, KeepsAll, ExpressPortType.RootPort, "pcie_ports=native").Should().Be(Masters);

    [Theory]
    [InlineData("linux-5.10", Masters)]
    [InlineData("linux-6.1", Masters)]
    [InlineData("linux-6.12", 0)]
    [InlineData("linux-7.3", 0)]
    public void A_downstream_port_reports_errors_in_older_kernels_only(string profile, int command) =>
        CommandOf(KernelProfile.Parse(profile), new Firmware(), ExpressPortType.DownstreamPort).Should().Be(command);

    [Fact]
    public void A_port_reports_no_errors_that_the_firmware_keeps() =>
        CommandOf(KernelProfile.Linux6_1, KeepsAll, ExpressPortType.DownstreamPort).Should().Be(0);

    [Theory]
    [InlineData("linux-6.12", 1, Masters)]
    [InlineData("linux-7.3", 1, 0)]
    [InlineData("linux-7.3", 2, Masters)]
    public void A_port_that_tells_of_bandwidth_does_so_in_new_kernels_where_it_has_several_speeds(string profile, int speed, int command) =>
        CommandOf(KernelProfile.Parse(profile), KeepsAll, ExpressPortType.DownstreamPort, link: NotifiesOfBandwidth | (uint)speed)
            .Should().Be(command);

    [Theory]
    [InlineData("linux-6.12", 0)]
    [InlineData("linux-7.3", Masters)]
    public void A_port_contains_errors_without_reporting_them_in_new_kernels(string profile, int command) =>
        CommandOf(KernelProfile.Parse(profile), new Firmware(), ExpressPortType.DownstreamPort, contains: true).Should().Be(command);

    /// <summary>What the kernel set in COMMAND of a port with AER that is found and bound, of what comes with services.</summary>
    private static int CommandOf(
        KernelProfile profile, Firmware firmware, ExpressPortType type, string commandLine = "", uint link = 1, bool contains = false)
    {
        using var host = new SimulatedHost(profile, firmware: firmware, commandLine: KernelCommandLine.Parse(commandLine));
        PciDevice root = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(Port(ExpressPortType.RootPort, link, contains)));
        PciDevice port = type == ExpressPortType.RootPort
            ? root
            : root.AddUpstreamPort("0000:01:00.0").AddDownstreamPort("0000:02:00.0", setup => setup.WithImage(Port(type, link, contains)));
        return (int)port.Hardware.Configuration.Read(PciRegisters.Command, 2) & Masters;
    }

    /// <summary>A port that says so of its link.</summary>
    private static DeviceImage Port(ExpressPortType type, uint link, bool contains)
    {
        DeviceImage image = DeviceImages.RootPort.WithPortType(type);
        byte[] bytes = image.Bytes.ToArray();
        Span<byte> express = bytes.AsSpan(image.Capabilities.Find(CapabilityId.Express)!.Value.Offset);
        BinaryPrimitives.WriteUInt32LittleEndian(express[ExpressRegisters.LinkCapabilities..], link);
        BinaryPrimitives.WriteUInt32LittleEndian(express[ExpressRegisters.LinkCapabilities2..], 0);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(PciRegisters.Command), 0);
        image = image.WithBytes(bytes);
        return contains
            ? image.WithCapability(ExtendedCapabilityId.DownstreamPortContainment, new byte[16], isExtended: true)
            : image;
    }
}
