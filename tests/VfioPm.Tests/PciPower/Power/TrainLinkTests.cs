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

    // 7.3 asks for no speed that Link Status tells already (pcie_set_target_speed()), and this silicon's tells the old one though the link is down.
    [Theory]
    [InlineData("linux-6.12", 4)]
    [InlineData("linux-7.3", ExpressRegisters.LinkSpeed2_5)]
    public void pcie_failed_link_retrain_asks_for_the_lowest_speed_and_takes_it_back_where_that_did_not_help(string profile, int after)
    {
        using var machine = new Machine(profile, changed: true);
        uint before = machine.TargetSpeed;
        before.Should().Be(4);

        PendingCall reset = machine.BeginReset();
        machine.Advance(TimeSpan.FromSeconds(0.9));
        machine.TargetSpeed.Should().Be(before);
        machine.Advance(TimeSpan.FromSeconds(0.6));
        machine.TargetSpeed.Should().Be(ExpressRegisters.LinkSpeed2_5);
        machine.Advance(TimeSpan.FromSeconds(1));

        reset.Result.Should().FailWith(Errno.ENOTTY);
        machine.TargetSpeed.Should().Be((uint)after);
    }

    // ASMedia's switch is the one that older kernels let go, where the link is up at 2.5 GT/s.
    [Theory]
    [InlineData("linux-6.1", 0x1b21, 0x2824, false)]
    [InlineData("linux-6.12", 0x1b21, 0x2824, true)]
    [InlineData("linux-6.12", 0x1b21, 0x2825, false)]
    [InlineData("linux-6.12", 0x8086, 0x2824, false)]
    public void pcie_failed_link_retrain_of_older_kernels_lets_one_switch_go(string profile, int vendor, int device, bool isLetGo)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(profile), loggerFactory: log);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(Slow(DeviceImages.RootPort).WithIdentity((ushort)vendor, (ushort)device)));
        PciDevice card = port.AddEndpoint("0000:01:00.0", DeviceImages.Nvme, setup => setup.WithBehavior(
            new HardwareBehavior { SilenceAfterFunctionLevelReset = TimeSpan.FromSeconds(3) }));
        card.Sysfs.Write("reset_method", "flr").Should().Succeed();

        card.Sysfs.Write("reset", "1").Should().Succeed();

        log.Lines.Contains(Fast).Should().Be(isLetGo);
        log.Lines.Should().NotContain(Failed);
        log.Lines.Any(static line => line.Contains("not ready 2047ms", StringComparison.Ordinal)).Should().Be(!isLetGo, "the wait begins anew");
        TargetSpeedOf(port).Should().Be(isLetGo ? 4 : (uint)ExpressRegisters.LinkSpeed2_5);
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

        log.Lines.Count(static line => line == Fast).Should().Be(isLetGo ? 1 : 0, "it is tried once");
        log.Lines.Contains(Failed).Should().Be(isLetGo, "the silicon trains to no other speed (-EAGAIN)");
        TargetSpeedOf(card.Upstream!).Should().Be(ExpressRegisters.LinkSpeed2_5);
    }

    // The best that the port and who is first below it have, up to what was asked for; that the link is no faster then (-EAGAIN) changes nothing
    // any more, since 2.5 GT/s is what it has.
    [Theory]
    [InlineData(4, 4, 4)]
    [InlineData(4, 3, 3)]
    [InlineData(3, 4, 3)]
    [InlineData(4, 1, 1)]
    public void pcie_bwctrl_select_speed_chooses_the_best_that_both_have(int ofPort, int ofCard, int expected)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Linux7_3, loggerFactory: log);
        DeviceImage above = WithBits(
            WithBits(DeviceImages.RootPort.WithLink(ofPort, reportsActive: true), ExpressRegisters.LinkControl2, 0xf, ExpressRegisters.LinkSpeed2_5),
            ExpressRegisters.LinkStatus,
            (int)ExpressRegisters.LinkCapabilitiesSpeed,
            ExpressRegisters.LinkSpeed2_5);
        DeviceImage below = DeviceImages.Nvme.WithLink(ofCard, reportsActive: false).WithPowerManagement(0x0003);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(above));
        PciDevice card = port.AddEndpoint("0000:01:00.0", below, setup => setup.WithBehavior(
            new HardwareBehavior { SilenceAfterD3Hot = TimeSpan.FromSeconds(3) }));
        card.Sysfs.Write("reset_method", "pm").Should().Succeed();

        card.Sysfs.Write("reset", "1").Should().Succeed();

        log.Lines.Should().Contain(Fast).And.Contain(Failed);
        TargetSpeedOf(port).Should().Be((uint)expected);
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

    private static uint TargetSpeedOf(PciDevice port) =>
        port.Hardware.ReadConfig(Express + ExpressRegisters.LinkControl2, 2) & ExpressRegisters.LinkControl2TargetSpeed;

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

        public uint TargetSpeed => TargetSpeedOf(_port);

        public PendingCall BeginReset() => _card.Sysfs.BeginWrite("reset", "1");

        public void Advance(TimeSpan time) => _host.Clock.Advance(time);

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
