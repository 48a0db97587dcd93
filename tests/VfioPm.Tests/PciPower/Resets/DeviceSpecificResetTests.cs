using System.Buffers.Binary;

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

    [Fact]
    public void nvme_disable_and_flr_looks_at_the_ready_bit_alone()
    {
        using SimulatedHost host = Drive(new Controller { Status = 0xffff_fffe, Configuration = 1 }, out PciDevice drive);
        TimeSpan before = host.Clock.Now;

        drive.Sysfs.Write("reset", "1").Should().Succeed();

        (host.Clock.Now - before).Should().BeLessThan(TimeSpan.FromMilliseconds(110));
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

    // Whoever resets the panel without turning memory off before, as __pci_reset_function_locked() does, reaches its registers.
    [Fact]
    public void reset_ivb_igd_takes_the_panels_power_and_waits_until_it_is_off()
    {
        var registers = new Scripted { Values = { [0xc7204] = 0xabcd_0003 }, Answer = static (offset, reads) => offset == 0xc7200 && reads < 3 ? 0x8000_0000 : null };
        using SimulatedHost host = With(registers, DeviceImages.E1000E.WithBarSize(0, 0x20_0000).WithIdentity(0x8086, 0x0156), out PciDevice card);
        TimeSpan before = host.Clock.Now;

        ResetLocked(card).Should().Succeed();

        registers.Writes.Should().Equal((0x45010, 0x2), (0xc2004, 0x5), (0xc7204, 0xabcd_0002), (0xd0100, 0x2));
        (host.Clock.Now - before).TotalMilliseconds.Should().BeInRange(20, 50, "two of the looks came too early");
        host.Log.ToList().Should().BeEmpty();
    }

    [Theory]
    [InlineData(0x4fff_ffff, false)]
    [InlineData(0x1000_0000, true)]
    public void reset_ivb_igd_gives_the_panel_ten_seconds(int status, bool isOn)
    {
        var registers = new Scripted { Values = { [0xc7200] = (uint)status } };
        using SimulatedHost host = With(registers, DeviceImages.E1000E.WithBarSize(0, 0x20_0000).WithIdentity(0x8086, 0x0166), out PciDevice card);
        TimeSpan before = host.Clock.Now;

        ResetLocked(card).Should().Succeed();

        (host.Clock.Now - before).TotalSeconds.Should().BeInRange(isOn ? 10 : 0, isOn ? 10.1 : 0.1);
        host.Log.Select(static said => said.Text).Should().Equal((string[])(isOn ? ["0000:00:05.0: timeout during reset"] : []));
        registers.Writes[^1].Should().Be((0xd0100, 0x2), "it goes on all the same");
    }

    [Fact]
    public void reset_ivb_igd_needs_registers()
    {
        using SimulatedHost host = With(new Scripted(), WithoutBar0(DeviceImages.E1000E).WithIdentity(0x8086, 0x0156), out PciDevice card);

        ResetLocked(card).Should().FailWith(Errno.ENOMEM);
    }

    // The resets wait here for transactions that never end, so that one sees how the card is reset.
    [Theory]
    [InlineData(0x0000, 0xc000)]
    [InlineData(0x8000, 0x8000)]
    public void reset_chelsio_generic_dev_leaves_bus_mastering_and_messages_on_meanwhile(int before, int meanwhile)
    {
        using SimulatedHost host = With(new Scripted(), WithPending(DeviceImages.E1000E).WithIdentity(0x1425, 0x4001), out PciDevice card);
        int control = card.Hardware.Capabilities.Find(CapabilityId.MsiX)!.Value.Offset + MsiRegisters.MessageControl;
        card.Hardware.WriteConfig(control, 2, (uint)before);
        card.Sysfs.Write("reset_method", "device_specific").Should().Succeed();

        PendingCall reset = card.Sysfs.BeginWrite("reset", "1");
        host.Clock.Advance(TimeSpan.FromMilliseconds(50));

        reset.IsCompleted.Should().BeFalse();
        card.Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be(PciRegisters.CommandMaster | PciRegisters.CommandInterruptDisable);
        (card.Hardware.ReadConfig(control, 2) & 0xc000).Should().Be((uint)meanwhile);
    }

    [Fact]
    public void reset_chelsio_generic_dev_gives_the_card_back_what_it_had()
    {
        const int CacheLineSize = 0x0c;
        using SimulatedHost host = With(new Scripted(), WithFlr(DeviceImages.E1000E).WithIdentity(0x1425, 0x4001), out PciDevice card);
        card.Hardware.WriteConfig(CacheLineSize, 1, 0x10);
        uint command = card.Hardware.ReadConfig(PciRegisters.Command, 2);
        ulong address = card.Hardware.AddressOf(card.Hardware.FindBar(0)!);
        TimeSpan before = host.Clock.Now;

        ResetLocked(card).Should().Succeed();

        (host.Clock.Now - before).TotalMilliseconds.Should().BeInRange(100, 150, "that is the reset");
        card.Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be(command);
        card.Hardware.ReadConfig(CacheLineSize, 1).Should().Be(0x10);
        card.Hardware.AddressOf(card.Hardware.FindBar(0)!).Should().Be(address);
    }

    // Its registers are big-endian. The reset takes the decoding, so that the firmware's answer reads as ones.
    [Fact]
    public void reset_hinic_vf_dev_says_that_it_resets_and_waits_fifteen_seconds_for_the_firmware()
    {
        var registers = new Scripted { Values = { [0x1000] = 0x0000_0040, [0xe80] = 0x0300_0080 } };
        using SimulatedHost host = With(registers, WithFlr(DeviceImages.E1000E).WithIdentity(0x19e5, 0x375e), out PciDevice card);
        TimeSpan before = host.Clock.Now;

        ResetLocked(card).Should().Succeed();

        registers.Writes.Should().Equal((0xe80, 0x0300_0480));
        registers.Resets.Should().Be(1);
        (host.Clock.Now - before).TotalSeconds.Should().BeInRange(15.1, 15.2);
        host.Log.Should().Say("0000:00:05.0: Reset dev timeout, FLR ack reg: 0xffffffff");
    }

    [Theory]
    [InlineData(0x4000_0000u, null)]
    [InlineData(0xbfff_ffffu, Errno.ENOTTY)]
    public void reset_hinic_vf_dev_of_a_virtual_function_is_over_when_the_firmware_says_so(uint type, Errno? error)
    {
        using SimulatedHost host = WithHinic(out PciDevice card);
        card.Sysfs.Write("reset_method", "device_specific").Should().Succeed();
        card.Sysfs.Write("power/control", "on").Should().Succeed();
        card.Hardware.WriteBar(0, 0x1000, 4, BinaryPrimitives.ReverseEndianness(type));
        TimeSpan before = host.Clock.Now;

        card.Sysfs.Write("reset", "1").Errno.Should().Be(error);

        (host.Clock.Now - before).TotalSeconds.Should().BeInRange(error is null ? 0.1 : 0, error is null ? 0.2 : 0.01);
        host.Log.ToList().Should().BeEmpty();
    }

    private static SimulatedHost With(Scripted registers, DeviceImage image, out PciDevice card)
    {
        var host = new SimulatedHost(KernelProfile.Linux6_12);
        card = host.AddEndpoint("0000:00:05.0", image, setup => setup.WithRegisters(registers));
        card.Hardware.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        return host;
    }

    /// <summary>A network card whose one virtual function is Huawei's.</summary>
    private static SimulatedHost WithHinic(out PciDevice card)
    {
        DeviceImage image = DeviceImages.SriovNvme.WithIdentity(0x19e5, 0x1822);
        byte[] bytes = image.Bytes.ToArray();
        int sriov = image.Capabilities.FindExtended(ExtendedCapabilityId.Sriov)!.Value.Offset;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(sriov + SriovRegisters.VfDeviceId), 0x375e);
        var host = new SimulatedHost(KernelProfile.Linux6_12, new VfioModuleParameters { EnableSriov = true });
        PciDevice physical = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", image.WithBytes(bytes));
        host.VfioPci.Bind(physical);
        physical.Sysfs.Write("sriov_numvfs", "1").Should().Succeed();
        card = physical.Sriov!.VirtualFunctions[0];
        return host;
    }

    private static KernelResult ResetLocked(PciDevice card) => ScriptedDriver.Do(card, PciReset.ResetLocked);

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

    private static DeviceImage WithFlr(DeviceImage image) => With(image, ExpressRegisters.DeviceCapabilities + 3, 0x10);

    /// <summary>With a function level reset, and transactions that never end.</summary>
    private static DeviceImage WithPending(DeviceImage image) => With(WithFlr(image), ExpressRegisters.DeviceStatus, 0x20);

    private static DeviceImage With(DeviceImage image, int register, byte bits)
    {
        byte[] bytes = image.Bytes.ToArray();
        bytes[image.Capabilities.Find(CapabilityId.Express)!.Value.Offset + register] |= bits;
        return image.WithBytes(bytes);
    }

    private static DeviceImage WithoutBar0(DeviceImage image)
    {
        byte[] bytes = image.Bytes.ToArray();
        bytes.AsSpan(PciRegisters.BaseAddress0, 4).Clear();
        return image.WithBytes(bytes).WithBarSize(0, 0);
    }

    /// <summary>Registers that hold what a test says, or answer what it says for the so many-th read, and remember who wrote what.</summary>
    private sealed class Scripted : IDeviceRegisters
    {
        private readonly Dictionary<long, int> _reads = [];

        public Dictionary<long, uint> Values { get; } = [];

        public Func<long, int, uint?> Answer { get; init; } = static (_, _) => null;

        public List<(long Offset, uint Value)> Writes { get; } = [];

        public int Resets { get; private set; }

        public ulong Read(int bar, long offset, int width)
        {
            _reads[offset] = _reads.GetValueOrDefault(offset) + 1;
            return Answer(offset, _reads[offset]) ?? Values.GetValueOrDefault(offset);
        }

        public void Write(int bar, long offset, int width, ulong value) => Writes.Add((offset, (uint)value));

        public void Reset(ResetKind kind) => Resets++;

        public IForkable Fork(ForkContext fork) => this;

        public void AddTo(ref StateHash hash) => hash.Add(Writes.Count);
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
