namespace VfioPm.Tests;

/// <summary>What each reset method does to the silicon of a function and of its neighbour.</summary>
public sealed class WhoIsResetTests
{
    // pcie_flr(), pci_af_flr(), pci_pm_reset() and _RST are of the function alone; a bus reset goes down, and comes up.
    [Theory]
    [InlineData("flr", "FunctionLevel", "")]
    [InlineData("af_flr", "FunctionLevel", "")]
    [InlineData("pm", "Soft", "")]
    [InlineData("bus", "Bus Bus", "")]
    [InlineData("acpi", "FunctionLevel", "")]
    public void A_method_resets_in_its_own_way_and_nobody_else(string method, string expected, string other)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        var registers = new Resets();
        var others = new Resets();
        PciDevice card = host.AddRootPort("0000:00:03.0").AddEndpoint(
            "0000:01:00.0",
            WithFlr(DeviceImages.E1000E.WithCapability(CapabilityId.AdvancedFeatures, [6, 3, 0, 0]).WithPowerManagement(0x0003)),
            setup => setup.WithRegisters(registers).WithFirmwareReset());
        host.AddRootPort("0000:00:04.0").AddEndpoint("0000:02:00.0", setup: setup => setup.WithRegisters(others));
        card.Sysfs.Write("reset_method", method).Should().Succeed();
        registers.Kinds.Clear();

        card.Sysfs.Write("reset", "1").Should().Succeed();

        string.Join(' ', registers.Kinds).Should().Be(expected);
        string.Join(' ', others.Kinds).Should().Be(other);
    }

    [Fact]
    public void pci_pm_reset_changes_the_state_in_PMCSR_alone()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice card = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithPowerManagement(PmRegisters.PmeSupportMask | 0x3));
        int pmcsr = card.Hardware.Pm!.ControlStatusOffset;
        uint before = card.Hardware.ReadConfig(pmcsr, 2);

        card.Sysfs.Write("reset", "1").Should().Succeed();

        card.Hardware.ReadConfig(pmcsr, 2).Should().Be(before);
    }

    private static DeviceImage WithFlr(DeviceImage image)
    {
        byte[] bytes = image.Bytes.ToArray();
        bytes[image.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.DeviceCapabilities + 3] |= 0x10;
        return image.WithBytes(bytes);
    }

    private sealed class Resets : IDeviceRegisters
    {
        public List<ResetKind> Kinds { get; } = [];

        public ulong Read(int bar, long offset, int width) => 0;

        public void Write(int bar, long offset, int width, ulong value)
        {
        }

        public void Reset(ResetKind kind) => Kinds.Add(kind);

        public IForkable Fork(ForkContext fork) => this;

        public void AddTo(ref StateHash hash) => hash.Add(Kinds.Count);
    }
}
