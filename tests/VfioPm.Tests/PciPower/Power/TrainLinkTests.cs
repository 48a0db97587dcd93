namespace VfioPm.Tests;

/// <summary>
/// Links that are down though their speed changed are trained again, slowly (<c>pcie_failed_link_retrain()</c>), and those that are
/// held to the lowest speed are let go (<c>pcie_set_target_speed()</c>).
/// </summary>
public sealed class TrainLinkTests
{
    private const string Slowly = "Information 0000:00:03.0: broken device, retraining non-functional downstream link at 2.5GT/s";
    private const string Fast = "Information 0000:00:03.0: removing 2.5GT/s downstream link speed restriction";
    private const string Failed = "Information 0000:00:03.0: retraining failed";

    private static int Express { get; } = DeviceImages.RootPort.Capabilities.Find(CapabilityId.Express)!.Value.Offset;

    // The link of the switch's port below is down and changed its speed before that: a second to come up, and one more.
    [Theory]
    [InlineData("linux-6.1", 2, false)]
    [InlineData("linux-6.12", 2, true)]
    [InlineData("linux-7.3", 2, true)]
    public void pcie_failed_link_retrain_gives_a_link_that_changed_its_speed_another_second(string profile, int seconds, bool isTrained)
    {
        using var machine = new Machine(profile, changed: true);

        machine.ResetBus().TotalSeconds.Should().BeInRange(seconds, seconds + 0.2);

        machine.Log.Lines.Contains(Slowly).Should().Be(isTrained);
        machine.Log.Lines.Contains(Failed).Should().Be(isTrained);
        machine.LinkStatus.Should().Be(isTrained ? 0u : ExpressRegisters.LinkStatusBandwidthChanged);

        machine.ResetBus().TotalSeconds.Should().BeInRange(isTrained ? 1 : 2, isTrained ? 1.2 : 2.2);
    }

    [Theory]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void pcie_failed_link_retrain_leaves_a_link_alone_that_was_never_up(string profile)
    {
        using var machine = new Machine(profile, changed: false);

        machine.ResetBus().TotalSeconds.Should().BeInRange(1, 1.2);

        machine.Log.Lines.Should().NotContain(Slowly);
    }

    // After a second: a function that is dead below a link that is up, but no faster than 2.5 GT/s.
    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", true)]
    public void pcie_failed_link_retrain_lets_a_link_go_that_is_held_to_the_lowest_speed(string profile, bool isLetGo)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(profile), loggerFactory: log);
        PciDevice card = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(Slow(DeviceImages.RootPort)))
            .AddEndpoint("0000:01:00.0", DeviceImages.Nvme, setup => setup.WithBehavior(
                new HardwareBehavior { SilenceAfterFunctionLevelReset = TimeSpan.FromSeconds(3) }));
        card.Sysfs.Write("reset_method", "flr").Should().Succeed();

        card.Sysfs.Write("reset", "1").Should().Succeed();

        log.Lines.Contains(Fast).Should().Be(isLetGo);
    }

    [Theory]
    [InlineData("linux-6.1", 0)]
    [InlineData("linux-6.12", 0)]
    [InlineData("linux-7.3", ExpressRegisters.LinkControlBandwidthInterrupts)]
    public void pcie_bwnotif_enable_remembers_that_a_link_changed_and_has_the_port_tell_of_it(string profile, int interrupts)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(Notifying(Changed(DeviceImages.RootPort))));

        uint control = port.Hardware.ReadConfig(Express + ExpressRegisters.LinkControl, 2);
        (control & ExpressRegisters.LinkControlBandwidthInterrupts).Should().Be((uint)interrupts);
        (port.Hardware.ReadConfig(Express + ExpressRegisters.LinkStatus, 2) & ExpressRegisters.LinkStatusBandwidthChanged)
            .Should().Be(interrupts != 0 ? 0u : ExpressRegisters.LinkStatusBandwidthChanged);
        port.Bridge!.SawLinkChange.Should().Be(interrupts != 0);
    }

    private static DeviceImage Changed(DeviceImage image) =>
        WithBits(image, ExpressRegisters.LinkStatus, 0, ExpressRegisters.LinkStatusBandwidthChanged);

    private static DeviceImage Notifying(DeviceImage image) =>
        WithBits(image, ExpressRegisters.LinkCapabilities + 2, 0, (int)(ExpressRegisters.LinkCapabilitiesNotifiesOfBandwidth >> 16));

    private static DeviceImage Slow(DeviceImage image) => WithBits(
        image.WithLink(speed: 4, reportsActive: true),
        ExpressRegisters.LinkControl2,
        ExpressRegisters.LinkControl2TargetSpeed,
        ExpressRegisters.LinkSpeed2_5);

    private static DeviceImage WithBits(DeviceImage image, int register, int clear, int set)
    {
        byte[] bytes = image.Bytes.ToArray();
        Span<byte> bits = bytes.AsSpan(Express + register, 2);
        BitConverter.TryWriteBytes(bits, (ushort)((BitConverter.ToUInt16(bits) & ~clear) | set));
        return image.WithBytes(bytes);
    }

    /// <summary>A card below a port of 16 GT/s whose link is down.</summary>
    private sealed class Machine : IDisposable
    {
        private readonly SimulatedHost _host;
        private readonly PciDevice _port;
        private readonly PciDevice _card;

        public Machine(string profile, bool changed)
        {
            DeviceImage port = WithBits(
                DeviceImages.RootPort.WithLink(speed: 4, reportsActive: true),
                ExpressRegisters.LinkStatus,
                (int)(ExpressRegisters.LinkStatusActive | ExpressRegisters.LinkCapabilitiesSpeed),
                4);
            _host = new SimulatedHost(KernelProfile.Parse(profile), loggerFactory: Log);
            _port = _host.AddRootPort("0000:00:03.0", setup => setup.WithImage(changed ? Changed(port) : port));
            _card = _port.AddEndpoint("0000:01:00.0");
            _card.Sysfs.Write("reset_method", "bus").Should().Succeed();
        }

        public KernelLog Log { get; } = new();

        public uint LinkStatus => _port.Hardware.ReadConfig(Express + ExpressRegisters.LinkStatus, 2)
            & (ExpressRegisters.LinkStatusBandwidthChanged | ExpressRegisters.LinkStatusActive);

        public TimeSpan ResetBus()
        {
            TimeSpan before = _host.Clock.Now;
            _card.Sysfs.Write("reset", "1").Should().FailWith(Errno.ENOTTY);
            return _host.Clock.Now - before;
        }

        public void Dispose()
        {
            _host.Dispose();
            Log.Dispose();
        }
    }
}
