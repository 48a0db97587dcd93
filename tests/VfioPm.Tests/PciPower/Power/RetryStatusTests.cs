namespace VfioPm.Tests;

/// <summary>
/// Functions that complete requests with Request Retry Status, and who sees that (<c>pci_enable_rrs_sv()</c>,
/// <c>pci_dev_wait()</c>; PCI Express Base, section 2.3.2).
/// </summary>
public sealed class RetryStatusTests
{
    private static readonly HardwareBehavior Dead = new() { SilenceAfterFunctionLevelReset = HardwareBehavior.Forever };

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_enable_rrs_sv_switches_it_on_where_the_root_port_has_it(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        RootControl(host.AddRootPort("0000:00:03.0", setup => setup.WithImage(DeviceImages.RootPort.WithRetryVisibility())))
            .Should().Be(ExpressRegisters.RootControlRetryVisible);
        RootControl(host.AddRootPort("0000:00:04.0")).Should().Be(0);
    }

    // pci_enable_rrs_sv() sets a bit and leaves the others.
    [Fact]
    public void pci_enable_rrs_sv_leaves_the_rest_of_Root_Control()
    {
        DeviceImage image = DeviceImages.RootPort.WithRetryVisibility();
        byte[] bytes = image.Bytes.ToArray();
        bytes[image.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.RootControl] = 0x07;
        using var host = new SimulatedHost(KernelProfile.Linux6_12, firmware: new Firmware { GrantsPme = false });

        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(image.WithBytes(bytes)));

        port.Hardware.ReadConfig(port.Express!.Offset + ExpressRegisters.RootControl, 2)
            .Should().Be(ExpressRegisters.RootControlRetryVisible | 0x07u);
    }

    // A virtual function's Vendor ID reads as all ones at any time (pci_dev_wait()).
    [Theory]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void pci_dev_wait_asks_the_Command_of_a_virtual_function(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile), new VfioModuleParameters { EnableSriov = true });
        PciDevice physical = host.AddRootPort("0000:00:03.0", static setup => setup.WithImage(DeviceImages.RootPort.WithRetryVisibility()))
            .AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme);
        host.VfioPci.Bind(physical);
        physical.Sysfs.Write("sriov_numvfs", "1").Should().Succeed();
        PciDevice function = physical.Sriov!.VirtualFunctions[0];
        function.Hardware.ReadConfig(PciRegisters.VendorId, 4).Should().Be(uint.MaxValue);
        function.Sysfs.Write("reset_method", "flr").Should().Succeed();
        TimeSpan before = host.Clock.Now;

        function.Sysfs.Write("reset", "1").Should().Succeed();

        (host.Clock.Now - before).TotalMilliseconds.Should().BeInRange(100, 150);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_retry_is_neither_data_nor_all_ones_and_only_at_the_Vendor_ID(string profile)
    {
        using var machine = new Machine(profile, new HardwareBehavior { SilenceAfterFunctionLevelReset = TimeSpan.FromSeconds(1) });
        PciFunction card = machine.Card.Hardware;
        card.Reset();
        card.IsRetrying.Should().BeTrue();
        card.ReadConfig(PciRegisters.VendorId, 4).Should().Be(0xffff_0001);
        card.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x0001);
        card.ReadConfig(PciRegisters.DeviceId, 2).Should().Be(0xffff);
        card.ReadConfig(PciRegisters.Command, 4).Should().Be(uint.MaxValue);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        card.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x1b36);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_root_port_that_may_not_tell_gives_up_itself(string profile)
    {
        using var machine = new Machine(
            profile, new HardwareBehavior { SilenceAfterFunctionLevelReset = TimeSpan.FromSeconds(1) }, showsRetries: false);
        machine.Card.Hardware.Reset();
        machine.Card.Hardware.ReadConfig(PciRegisters.VendorId, 4).Should().Be(uint.MaxValue);
    }

    [Theory]
    [InlineData("linux-6.1", 432)]
    [InlineData("linux-6.12", 672)]
    [InlineData("linux-7.3", 672)]
    public void pci_dev_wait_waits_for_a_function_that_is_retrying(string profile, int milliseconds)
    {
        using var machine = new Machine(profile, new HardwareBehavior { SilenceAfterFunctionLevelReset = TimeSpan.FromMilliseconds(400) });
        machine.Reset(out TimeSpan took).Should().Succeed();

        // 100 ms and then 1, 2, 4, …, each to the tick after it: the one more tick of each step makes 6.1 look sooner after 400.
        took.Should().Be(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Theory]
    [InlineData("linux-6.1", 70.684, false)]      // with the BARs tried for 60 ms
    [InlineData("linux-6.12", 0.1, true)]
    [InlineData("linux-7.3", 70.624, false)]
    public void pci_dev_wait_of_6_12_takes_all_ones_for_a_vendor(string profile, double seconds, bool succeeds)
    {
        using var machine = new Machine(profile, Dead);
        KernelResult result = machine.Reset(out TimeSpan took);
        result.Value.Should().Be(succeeds ? 0 : -(int)Errno.ENOTTY);
        took.TotalSeconds.Should().BeApproximately(seconds, 0.1);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Without_the_root_ports_help_every_kernel_reads_Command(string profile)
    {
        using var machine = new Machine(profile, Dead, showsRetries: false);
        machine.Reset(out TimeSpan took).Should().FailWith(Errno.ENOTTY);
        took.TotalSeconds.Should().BeInRange(70.624, 70.684);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_function_that_drops_requests_is_not_seen_to_retry(string profile)
    {
        using var machine = new Machine(
            profile,
            new HardwareBehavior { SilenceAfterFunctionLevelReset = TimeSpan.FromSeconds(1), DropsRequestsWhileNotReady = true });
        machine.Card.Hardware.Reset();
        machine.Card.Hardware.IsRetrying.Should().BeFalse();
        machine.Card.Hardware.ReadConfig(PciRegisters.VendorId, 4).Should().Be(uint.MaxValue);
    }

    [Fact]
    public void Only_a_root_port_shows_retries() => FluentActions.Invoking(() => DeviceImages.E1000E.WithRetryVisibility())
        .Should().Throw<InvalidOperationException>().WithMessage("*is no root port.");

    private static uint RootControl(PciDevice port) => port.Hardware.ReadConfig(
        port.Hardware.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.RootControl, 2)
        & ExpressRegisters.RootControlRetryVisible;

    private sealed class Machine : IDisposable
    {
        public Machine(string profile, HardwareBehavior behavior, bool showsRetries = true)
        {
            Host = new SimulatedHost(KernelProfile.Parse(profile));
            DeviceImage port = showsRetries ? DeviceImages.RootPort.WithRetryVisibility() : DeviceImages.RootPort;
            Card = Host.AddRootPort("0000:00:03.0", setup => setup.WithImage(port))
                .AddEndpoint("0000:01:00.0", DeviceImages.Nvme, setup => setup.WithBehavior(behavior));
        }

        public SimulatedHost Host { get; }

        public PciDevice Card { get; }

        public KernelResult Reset(out TimeSpan took)
        {
            Card.Sysfs.Write("reset_method", "flr").Should().Succeed();
            TimeSpan before = Host.Clock.Now;
            KernelResult result = Card.Sysfs.Write("reset", "1");
            took = Host.Clock.Now - before;
            return result;
        }

        public void Dispose() => Host.Dispose();
    }
}
