namespace VfioPm.Tests;

/// <summary>What the resets of single devices write into their registers (<c>drivers/pci/quirks.c</c>).</summary>
public sealed class DeviceSpecificResetTests
{
    // Of CAP.TO halves of a second, and one more.
    [Theory]
    [InlineData(0x0000_0000u, 0.5)]
    [InlineData(0x0200_ffffu, 1.5)]
    [InlineData(0x0900_0000u, 5)]
    public void nvme_disable_and_flr_gives_a_controller_the_time_that_it_asks_for(uint capabilities, double seconds)
    {
        var registers = new Controller { Capabilities = capabilities, Status = 1, Configuration = 0x0046_c001 };
        using SimulatedHost host = Drive(registers, out PciDevice drive);
        TimeSpan before = host.Clock.Now;

        drive.Sysfs.Write("reset", "1").Should().Succeed();

        registers.Written.Should().Be(0x0046_0000, "neither enabled nor shutting down, and otherwise as it was");
        (host.Clock.Now - before).TotalSeconds.Should().BeInRange(seconds + 0.1, seconds + 0.4);
    }

    [Fact]
    public void nvme_disable_and_flr_leaves_a_controller_alone_that_is_disabled()
    {
        var registers = new Controller { Status = 1, Configuration = 0x0046_c000 };
        using SimulatedHost host = Drive(registers, out PciDevice drive);
        TimeSpan before = host.Clock.Now;

        drive.Sysfs.Write("reset", "1").Should().Succeed();

        registers.Written.Should().BeNull();
        (host.Clock.Now - before).Should().BeLessThan(TimeSpan.FromMilliseconds(110), "that is the reset alone");
    }

    // PCI_RESET_PROBE: it is for NVMe controllers with a function level reset and registers.
    [Theory]
    [InlineData(0x010802, true, true)]
    [InlineData(0x010802, false, false)]
    [InlineData(0x010601, true, false)]
    public void nvme_disable_and_flr_is_for_NVMe_controllers_with_a_function_level_reset(int classCode, bool hasFlr, bool isOffered)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        DeviceImage image = hasFlr ? DeviceImages.Nvme : WithoutFlr(DeviceImages.Nvme);

        PciDevice drive = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", image.WithIdentity(0x144d, 0xa804, classCode));

        drive.Sysfs.Read("reset_method").Text!.Contains("device_specific", StringComparison.Ordinal).Should().Be(isOffered);
    }

    private static SimulatedHost Drive(Controller registers, out PciDevice drive)
    {
        var host = new SimulatedHost(KernelProfile.Linux6_12);
        drive = host.AddEndpoint(
            "0000:00:05.0", DeviceImages.Nvme.WithIdentity(0x144d, 0xa804, 0x010802), setup => setup.WithRegisters(registers));
        return host;
    }

    private static DeviceImage WithoutFlr(DeviceImage image)
    {
        byte[] bytes = image.Bytes.ToArray();
        bytes[image.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.DeviceCapabilities + 3] &= 0xef;
        return image.WithBytes(bytes);
    }

    /// <summary>The registers of an NVMe controller.</summary>
    private sealed class Controller : IDeviceRegisters
    {
        public uint Capabilities { get; init; }

        public uint Configuration { get; init; }

        public uint Status { get; init; }

        public uint? Written { get; private set; }

        public ulong Read(int bar, long offset, int width) => offset switch
        {
            0x00 => Capabilities,
            0x14 => Written ?? Configuration,
            0x1c => Status,
            _ => 0,
        };

        public void Write(int bar, long offset, int width, ulong value) => Written = offset == 0x14 ? (uint)value : Written;

        public void Reset(ResetKind kind)
        {
        }

        public IForkable Fork(ForkContext fork) => this;

        public void AddTo(ref StateHash hash) => hash.Add(Written ?? 0);
    }
}
