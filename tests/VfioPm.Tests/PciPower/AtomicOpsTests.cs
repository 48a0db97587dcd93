using System.Buffers.Binary;

namespace VfioPm.Tests;

/// <summary>Whose atomic operations reach the root port (<c>pci_enable_atomic_ops_to_root()</c>), as vfio-pci tells it.</summary>
public sealed class AtomicOpsTests
{
    private const uint Completes32 = ExpressRegisters.DeviceCapabilities2AtomicComplete32;
    private const uint Routes = ExpressRegisters.DeviceCapabilities2AtomicRoute;
    private const byte SecondVersion = 2;

    [Theory]
    [InlineData(Routes, 0u, Routes, true)]
    [InlineData(0u, 0u, Routes, false)]
    [InlineData(Routes, 0u, 0u, false)]
    [InlineData(Routes, ExpressRegisters.DeviceControl2AtomicEgressBlock, Routes, false)]
    public void All_ports_of_a_switch_have_to_route_them_and_the_upper_one_not_to_block_them(
        uint upperCapabilities, uint upperControl, uint lowerCapabilities, bool isAllowed)
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        PciDevice card = host.AddRootPort("0000:00:03.0", static setup => setup.WithImage(With(DeviceImages.RootPort, Completes32)))
            .AddUpstreamPort("0000:01:00.0", setup => setup.WithImage(With(Port(ExpressPortType.UpstreamPort), upperCapabilities, upperControl)))
            .AddDownstreamPort("0000:02:00.0", setup => setup.WithImage(With(Port(ExpressPortType.DownstreamPort), lowerCapabilities)))
            .AddEndpoint("0000:03:00.0", With(DeviceImages.E1000E, Completes32));

        AtomicOpsOf(host, card).Should().Be(isAllowed ? VfioAtomicOps.Completes32 : VfioAtomicOps.None);
    }

    [Fact]
    public void What_a_lower_port_blocks_does_not_count()
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        PciDevice card = host.AddRootPort("0000:00:03.0", static setup => setup.WithImage(With(DeviceImages.RootPort, Completes32)))
            .AddUpstreamPort("0000:01:00.0", static setup => setup.WithImage(With(Port(ExpressPortType.UpstreamPort), Routes)))
            .AddDownstreamPort("0000:02:00.0", static setup => setup.WithImage(
                With(Port(ExpressPortType.DownstreamPort), Routes, ExpressRegisters.DeviceControl2AtomicEgressBlock)))
            .AddEndpoint("0000:03:00.0", With(DeviceImages.E1000E, Completes32));

        AtomicOpsOf(host, card).Should().Be(VfioAtomicOps.Completes32);
    }

    [Theory]
    [InlineData("linux-6.12", ExpressPortType.Endpoint, true, false)]
    [InlineData("linux-7.3", ExpressPortType.Endpoint, true, true)]
    [InlineData("linux-7.3", ExpressPortType.LegacyEndpoint, true, true)]
    [InlineData("linux-7.3", ExpressPortType.Endpoint, false, false)]
    [InlineData("linux-7.3", ExpressPortType.IntegratedEndpoint, true, false)]
    public void Without_a_root_port_Linux_7_3_trusts_who_enabled_them(string profile, ExpressPortType type, bool isEnabled, bool isAllowed)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        DeviceImage image = With(
            DeviceImages.E1000E.WithPortType(type), Completes32, isEnabled ? ExpressRegisters.DeviceControl2AtomicRequester : 0u);

        AtomicOpsOf(host, host.AddEndpoint("0000:00:05.0", image))
            .Should().Be(isAllowed ? VfioAtomicOps.Completes32 : VfioAtomicOps.None);
    }

    private static VfioAtomicOps AtomicOpsOf(SimulatedHost host, PciDevice card)
    {
        host.VfioPci.Bind(card).Open().GetInfo(out VfioDeviceInfo info);
        return info.AtomicOps;
    }

    private static DeviceImage Port(ExpressPortType type) => DeviceImages.RootPort.WithPortType(type);

    private static DeviceImage With(DeviceImage image, uint capabilities, uint control = 0)
    {
        int express = image.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        byte[] bytes = image.Bytes.ToArray();
        bytes[express + ExpressRegisters.Flags] = (byte)((bytes[express + ExpressRegisters.Flags] & 0xf0) | SecondVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(express + ExpressRegisters.DeviceCapabilities2), capabilities);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(express + ExpressRegisters.DeviceControl2), (ushort)control);
        return image.WithBytes(bytes);
    }
}
