namespace VfioPm.Tests;

/// <summary>
/// A line that functions of different groups share: who is asked, and what becomes of it when nobody cares
/// (<c>kernel/irq/spurious.c</c>, <c>kernel/irq/manage.c</c>, <c>vfio_pci_intrs.c</c>).
/// </summary>
public sealed class InterruptLineTests
{
    private const string First = "0000:01:00.0";
    private const string Second = "0000:02:00.0";
    private const int Line = 16;

    public static TheoryData<string> Kernels => [.. KernelProfile.All.Select(static profile => profile.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void vfio_intx_handler_denies_what_another_function_of_the_line_asserted(string profile)
    {
        using SimulatedHost host = Sharing(profile);
        EventFd first = Listen(host, First);
        EventFd second = Listen(host, Second);

        host[Second].Hardware.AssertInterrupt();

        first.Count.Should().Be(0);
        second.Count.Should().Be(1);
        host[First].InterruptLine.Should().BeSameAs(host[Second].InterruptLine);
        host[First].InterruptLine!.Count.Should().Be(1);
        host[First].IommuGroup.Should().NotBe(host[Second].IommuGroup);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void note_interrupt_disables_a_line_that_nobody_claims_and_says_that_nobody_cared(string profile)
    {
        using SimulatedHost host = Sharing(profile);
        Listen(host, First);
        InterruptLine line = host[First].InterruptLine!;

        // Its user opened it and set up no interrupt, so that it speaks and nobody hears.
        host.VfioPci.Bind(host[Second]).Open();
        host[Second].Hardware.AssertInterrupt();

        line.Count.Should().Be(100_000);
        line.IsPolled.Should().BeTrue();
        line.IsDisabled.Should().BeTrue();
        SaidOfLines(host).Should().Equal(
            "irq 16: nobody cared (try booting with the \"irqpoll\" option)", "Disabling IRQ #16");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void poll_spurious_irqs_brings_the_other_functions_interrupts_up_to_a_tenth_of_a_second_late(string profile)
    {
        using SimulatedHost host = Stuck(profile, out EventFd first);
        host.Clock.Advance(TimeSpan.FromMilliseconds(30));
        host[First].Hardware.AssertInterrupt();
        first.Count.Should().Be(0);

        host.Clock.Advance(TimeSpan.FromMilliseconds(69));
        first.Count.Should().Be(0);
        host.Clock.Advance(TimeSpan.FromMilliseconds(9));
        first.Count.Should().Be(1);

        host[First].Hardware.DeassertInterrupt();
        host.VfioPci[First].Files[0].UnmaskIntx().Should().Be(KernelResult.Success);
        host[First].Hardware.AssertInterrupt();
        first.Count.Should().Be(1, "the line is as disabled as before");
        host.Clock.Advance(TimeSpan.FromMilliseconds(110));
        first.Count.Should().Be(2);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void setup_irq_gives_a_polled_line_another_chance(string profile)
    {
        using SimulatedHost host = Stuck(profile, out EventFd first);

        // Now the one that was not heard is: it is masked, and the line is free.
        EventFd second = Listen(host, Second);

        second.Count.Should().Be(1);
        host[First].InterruptLine!.IsPolled.Should().BeFalse();
        host[First].Hardware.AssertInterrupt();
        first.Count.Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_listener_who_goes_leaves_the_line_polled_and_the_last_shuts_it_down(string profile)
    {
        using SimulatedHost host = Stuck(profile, out _);
        host.VfioPci[First].Files[0].DisableIrqs(VfioIrqIndex.Intx).Should().Be(KernelResult.Success);
        host[Second].Hardware.DeassertInterrupt();

        EventFd again = new();
        host.VfioPci[First].Files[0].EnableIrqs(VfioIrqIndex.Intx, again).Should().Be(KernelResult.Success);
        host[First].Hardware.AssertInterrupt();
        again.Count.Should().Be(1);
        host[First].InterruptLine!.IsPolled.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void request_irq_refuses_a_function_that_cannot_be_masked_a_line_in_use(string profile)
    {
        using SimulatedHost host = Sharing(profile, new VfioModuleParameters { NoIntxMask = true });
        Listen(host, First);
        VfioDeviceFile other = host.VfioPci.Bind(host[Second]).Open();

        other.EnableIrqs(VfioIrqIndex.Intx, new EventFd()).Should().FailWith(Errno.EBUSY);
        host.VfioPci[Second].InterruptType.Should().BeNull();
        SaidOfLines(host).Should().Equal(
            "genirq: Flags mismatch irq 16 (0000:02:00.0) vs. (0000:01:00.0)");

        host.VfioPci[First].Files[0].DisableIrqs(VfioIrqIndex.Intx);
        other.EnableIrqs(VfioIrqIndex.Intx, new EventFd()).Should().Succeed();
    }

    [Fact]
    public void A_hosts_driver_is_starved_by_a_function_that_vfio_opened_and_heard_again_when_that_is_masked()
    {
        using SimulatedHost host = Sharing("linux-6.12");
        var driver = new InterruptedDriver();
        host.Drivers.Register(driver);
        host[First].Bind(driver);
        VfioDeviceFile file = host.VfioPci.Bind(host[Second]).Open();
        host[Second].Hardware.AssertInterrupt();
        host[First].InterruptLine!.IsPolled.Should().BeTrue();
        driver.Claimed.Should().Be(0);

        host[First].Hardware.AssertInterrupt();
        host.Clock.Advance(TimeSpan.FromMilliseconds(110));
        driver.Claimed.Should().Be(1, "the poll asks it");

        uint command = file.Config.Read(PciRegisters.Command, 2);
        file.Config.Write(PciRegisters.Command, 2, command | PciRegisters.CommandInterruptDisable);
        host[First].Hardware.AssertInterrupt();
        driver.Claimed.Should().Be(1, "nobody enables the line, though it is quiet");
    }

    // poll_spurious_irqs() calls the handlers, and counts nothing (kstat_incr_irqs_this_cpu() is in the flow handlers).
    [Theory]
    [MemberData(nameof(Kernels))]
    public void try_one_irq_is_no_interrupt(string profile)
    {
        using SimulatedHost host = Stuck(profile, out EventFd first);
        host[First].Hardware.AssertInterrupt();

        host.Clock.Advance(TimeSpan.FromMilliseconds(110));

        first.Count.Should().Be(1);
        host[First].InterruptLine!.Count.Should().Be(100_000);
    }

    [Theory]
    [InlineData(true, 10)]
    [InlineData(false, 0)]
    public void try_one_irq_asks_nobody_who_does_not_share(bool isShared, int asked)
    {
        using SimulatedHost host = Sharing("linux-6.12");
        var driver = new InterruptedDriver { Denies = 200_000, IsShared = isShared };
        Register(host, First, driver);
        host[First].Hardware.AssertInterrupt();
        host[First].InterruptLine!.IsPolled.Should().BeTrue();
        int before = driver.Denies;

        host.Clock.Advance(TimeSpan.FromSeconds(1.1));

        (before - driver.Denies).Should().Be(asked);
    }

    [Fact]
    public void setup_irq_forgets_what_nobody_claimed_before()
    {
        using SimulatedHost host = Sharing("linux-6.12");
        Register(host, First, new InterruptedDriver { Denies = 9 });
        host[First].Hardware.AssertInterrupt();
        host[First].InterruptLine!.Unhandled.Should().Be(9);

        Listen(host, Second);

        host[First].InterruptLine!.Unhandled.Should().Be(0);
    }

    [Fact]
    public void A_driver_of_ones_own_is_asked_again_also_beside_a_function_that_denies_alike()
    {
        using SimulatedHost host = Sharing("linux-6.1");
        Listen(host, Second);
        var driver = new InterruptedDriver { Denies = 9 };
        Register(host, First, driver);

        host[First].Hardware.AssertInterrupt();

        driver.Claimed.Should().Be(1);
        host[First].InterruptLine!.Count.Should().Be(10);
    }

    // irqd_irq_inprogress(): what comes while the handlers run is handled after them.
    [Fact]
    public void A_handler_is_not_interrupted_by_its_own_line()
    {
        using SimulatedHost host = Sharing("linux-6.1");
        var driver = new InterruptedDriver { EnablesMeanwhile = true };
        Register(host, First, driver);

        host[First].Hardware.AssertInterrupt();

        driver.Deepest.Should().Be(1);
        driver.Claimed.Should().Be(1);
    }

    // mod_timer(): who comes to a poll that runs already puts it off.
    [Fact]
    public void A_second_line_that_is_disabled_puts_the_poll_off()
    {
        using SimulatedHost host = Stuck("linux-6.12", out EventFd first);
        PciDevice heard = host.AddRootPort("0000:00:08.0", static port => port.WithInterruptLine(17)).AddEndpoint("0000:03:00.0");
        PciDevice unheard = host.AddRootPort("0000:00:09.0", static port => port.WithInterruptLine(17)).AddEndpoint("0000:04:00.0");
        Listen(host, heard.Name);
        host.VfioPci.Bind(unheard).Open();
        host.Clock.Advance(TimeSpan.FromMilliseconds(50));
        host[First].Hardware.AssertInterrupt();
        unheard.Hardware.AssertInterrupt();
        unheard.InterruptLine!.IsPolled.Should().BeTrue();

        host.Clock.Advance(TimeSpan.FromMilliseconds(95));
        first.Count.Should().Be(0);
        host.Clock.Advance(TimeSpan.FromMilliseconds(13));
        first.Count.Should().Be(1);
    }

    [Fact]
    public void A_handler_that_claims_and_leaves_the_pin_asserted_is_told()
    {
        using SimulatedHost host = Sharing("linux-6.1");
        var driver = new InterruptedDriver { LeavesPinAsserted = true };
        host.Drivers.Register(driver);
        host[First].Bind(driver);
        FluentActions.Invoking(host[First].Hardware.AssertInterrupt).Should().Throw<InvalidOperationException>()
            .WithMessage("irq 16 is handled again and again*");
    }

    [Fact]
    public void A_driver_of_ones_own_that_denies_is_asked_again_since_it_may_claim_the_next()
    {
        using SimulatedHost host = Sharing("linux-6.1");
        var driver = new InterruptedDriver { Denies = 9 };
        host.Drivers.Register(driver);
        host[First].Bind(driver);
        host[First].Hardware.AssertInterrupt();
        driver.Claimed.Should().Be(1);
        host[First].InterruptLine!.Count.Should().Be(10);
        host[First].InterruptLine!.IsPolled.Should().BeFalse();
    }

    [Fact]
    public void Pins_below_a_bridge_lead_to_the_bridges_own_and_each_slot_has_its_own()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        PciDevice other = host.AddRootPort("0000:00:04.0").AddEndpoint("0000:02:00.0");
        nic.InterruptLine.Should().BeSameAs(port.InterruptLine);
        other.InterruptLine.Should().NotBeSameAs(nic.InterruptLine);
    }

    [Fact]
    public void The_line_and_its_poll_are_in_the_hash_and_in_a_fork()
    {
        using SimulatedHost host = Stuck("linux-7.3", out EventFd first);
        using SimulatedHost fork = host.Fork();
        fork.ComputeStateHash().Should().Be(host.ComputeStateHash());
        fork[First].Hardware.AssertInterrupt();
        fork.Clock.Advance(TimeSpan.FromMilliseconds(110));
        fork.VfioPci[First].InterruptEventFd(VfioIrqIndex.Intx)!.Count.Should().Be(1);
        first.Count.Should().Be(0);
        host[First].Hardware.AssertInterrupt();
        host.Clock.Advance(TimeSpan.FromMilliseconds(110));
        host.ComputeStateHash().Should().Be(fork.ComputeStateHash());
    }

    private static IEnumerable<string> SaidOfLines(SimulatedHost host) =>
        host.Log.Select(static said => said.Text).Where(static text => text.Contains("irq", StringComparison.OrdinalIgnoreCase));

    private static SimulatedHost Sharing(string profile, VfioModuleParameters? parameters = null)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile), parameters ?? new VfioModuleParameters());
        host.AddRootPort("0000:00:03.0", static port => port.WithInterruptLine(Line)).AddEndpoint(First);
        host.AddRootPort("0000:00:07.0", static port => port.WithInterruptLine(Line)).AddEndpoint(Second);
        return host;
    }

    private static SimulatedHost Stuck(string profile, out EventFd first)
    {
        SimulatedHost host = Sharing(profile);
        first = Listen(host, First);
        host.VfioPci.Bind(host[Second]).Open();
        host[Second].Hardware.AssertInterrupt();
        host[First].InterruptLine!.IsPolled.Should().BeTrue();
        return host;
    }

    private static void Register(SimulatedHost host, string address, PciDriver driver)
    {
        host.Drivers.Register(driver);
        host[address].Bind(driver);
    }

    private static EventFd Listen(SimulatedHost host, string address)
    {
        var irq = new EventFd();
        VfioPciDevice bound = host[address].Driver is VfioPciDriver ? host.VfioPci[address] : host.VfioPci.Bind(host[address]);
        VfioDeviceFile file = bound.IsOpen ? bound.Files[0] : bound.Open();
        file.EnableIrqs(VfioIrqIndex.Intx, irq).Should().Be(KernelResult.Success);
        return irq;
    }

    /// <summary>A host's driver, whose device is quiet once it was asked.</summary>
    private sealed class InterruptedDriver : PciDriver
    {
        public override string Name => "nic";

        public bool IsShared { get; init; } = true;

        public bool LeavesPinAsserted { get; init; }

        public int Denies { get; set; }

        public bool EnablesMeanwhile { get; init; }

        public int Claimed { get; private set; }

        public int Deepest { get; private set; }

        private int Depth { get; set; }

        protected internal override async KernelCall<int> Probe(PciDevice device)
        {
            int result = await PciPm.Enable(device);
            return result < 0 ? result : PciIrq.Request(device, IsShared);
        }

        protected internal override bool OnLineInterrupt(PciDevice device)
        {
            if (!device.Hardware.InterruptStatus || Denies-- > 0)
            {
                return false;
            }

            Deepest = Math.Max(Deepest, ++Depth);
            if (EnablesMeanwhile && Depth < 3)
            {
                PciIrq.Disable(device);
                PciIrq.Enable(device);
            }

            Depth--;
            Claimed++;
            if (!LeavesPinAsserted)
            {
                device.Hardware.DeassertInterrupt();
            }

            return true;
        }
    }
}
