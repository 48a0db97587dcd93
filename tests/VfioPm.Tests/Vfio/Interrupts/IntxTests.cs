namespace VfioPm.Tests;

// The INTx part of vfio_pci_intrs.c; recordings "intx", "nointxmask", "intx-over-low-power", "rfc-intx-over-suspend".
public sealed class IntxTests
{
    private readonly EventFd _irq = new();

    [Fact]
    public void An_interrupt_is_masked_and_signalled_and_unmasking_signals_again_while_it_is_pending()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq).Should().Be(KernelResult.Success);

        nic.Nic.Hardware.AssertInterrupt();
        nic.IsIntxMasked.Should().BeTrue();
        Signals().Should().Be(1);

        nic.File.UnmaskIntx();
        nic.IsIntxMasked.Should().BeTrue("it is still pending");
        Signals().Should().Be(1);

        nic.Nic.Hardware.DeassertInterrupt();
        nic.File.UnmaskIntx();
        nic.IsIntxMasked.Should().BeFalse();
        Signals().Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(ReleasedKernels.WithLowPower), MemberType = typeof(ReleasedKernels))]
    public void vfio_intx_handler_runs_when_an_interrupt_arrives_and_not_when_it_is_sent(string profile)
    {
        using var nic = new OpenNic(KernelProfile.Parse(profile));
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        nic.Nic.Hardware.HoldSignals();
        nic.Nic.Hardware.AssertInterrupt();
        nic.IsIntxMasked.Should().BeFalse();

        nic.Nic.Hardware.LetSignalsThrough();

        nic.IsIntxMasked.Should().BeTrue();
        Signals().Should().Be(1);
    }

    [Fact]
    public void enable_irq_finds_no_interrupt_that_has_not_arrived()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1, new VfioModuleParameters { NoIntxMask = true });
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        nic.File.MaskIntx();
        nic.Nic.Hardware.HoldSignals();
        nic.Nic.Hardware.AssertInterrupt();

        nic.File.UnmaskIntx();
        Signals().Should().Be(0);

        nic.Nic.Hardware.LetSignalsThrough();
        Signals().Should().Be(1);
    }

    [Fact]
    public void A_masked_interrupt_waits_until_it_is_unmasked()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        nic.File.MaskIntx();
        nic.Nic.Hardware.AssertInterrupt();
        Signals().Should().Be(0);

        nic.File.UnmaskIntx();

        Signals().Should().Be(1);
    }

    [Fact]
    public void Without_the_bit_in_Command_the_interrupt_controller_masks()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1, new VfioModuleParameters { NoIntxMask = true });
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);

        nic.Nic.Hardware.AssertInterrupt();
        nic.IsIntxMasked.Should().BeFalse();
        nic.Nic.Hardware.DeassertInterrupt();
        nic.Nic.Hardware.AssertInterrupt();
        Signals().Should().Be(1, "the second one waits at the controller");

        nic.File.UnmaskIntx();
        Signals().Should().Be(1);
    }

    /// <summary><c>disable_irq_nosync()</c>: what comes meanwhile waits at the controller, each time.</summary>
    [Fact]
    public void Without_the_bit_in_Command_a_masked_interrupt_waits_at_the_controller()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12, new VfioModuleParameters { NoIntxMask = true });
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        for (int time = 0; time < 2; time++)
        {
            nic.File.MaskIntx();
            nic.Nic.Hardware.AssertInterrupt();
            Signals().Should().Be(0);

            nic.File.UnmaskIntx();

            Signals().Should().Be(1);
            nic.Nic.Hardware.DeassertInterrupt();
            nic.File.UnmaskIntx();
        }
    }

    /// <summary><c>vfio_intx_enable()</c>.</summary>
    [Fact]
    public void Who_sets_it_up_again_finds_it_unmasked()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        nic.File.MaskIntx();
        nic.File.DisableIrqs(VfioIrqIndex.Intx);
        nic.File.Device.InterruptEventFd(VfioIrqIndex.Intx).Should().BeNull();

        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq).Should().Succeed();

        nic.IsIntxMasked.Should().BeFalse();
        nic.Nic.Hardware.AssertInterrupt();
        Signals().Should().Be(1);
    }

    /// <summary><c>vfio_intx_set_signal()</c>.</summary>
    [Fact]
    public void Another_eventfd_takes_the_place_of_the_first()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, new EventFd());

        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq).Should().Succeed();

        nic.Nic.Hardware.AssertInterrupt();
        Signals().Should().Be(1);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, FileDescriptor.None).Should().Succeed();
        nic.File.Device.InterruptEventFd(VfioIrqIndex.Intx).Should().BeNull();
        nic.File.Device.InterruptType.Should().Be(VfioIrqIndex.Intx);
    }

    /// <summary><c>vfio_pci_set_intx_trigger()</c>: a test of the user's, with a byte that says yes or no.</summary>
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void A_user_can_have_it_signalled_if_he_says_so(bool chosen, int signals)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);

        nic.File.SetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, VfioIrqSetFlags.DataBool | VfioIrqSetFlags.ActionTrigger) { Bools = [chosen ? (byte)1 : (byte)0] })
            .Should().Succeed();

        Signals().Should().Be((ulong)signals);
    }

    [Fact]
    public void A_close_gives_the_line_up_for_the_next_user()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12, new VfioModuleParameters { NoIntxMask = true });
        nic.File.EnableIrqs(VfioIrqIndex.Intx, new EventFd());
        nic.File.Close();
        using VfioDeviceFile next = nic.File.Device.Open();

        next.EnableIrqs(VfioIrqIndex.Intx, _irq).Should().Succeed();

        nic.Nic.Hardware.AssertInterrupt();
        Signals().Should().Be(1);
    }

    [Fact]
    public void The_users_own_DisINTx_keeps_it_quiet()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        uint command = nic.File.Config.Read(PciRegisters.Command, 2);
        nic.File.Config.Write(PciRegisters.Command, 2, command | PciRegisters.CommandInterruptDisable);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        nic.Nic.Hardware.AssertInterrupt();
        nic.File.TriggerIrq(VfioIrqIndex.Intx);
        Signals().Should().Be(0);

        nic.File.Config.Write(PciRegisters.Command, 2, command);

        Signals().Should().Be(1);
    }

    [Fact]
    public void Without_it_the_functions_bit_follows_the_users()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        uint command = nic.File.Config.Read(PciRegisters.Command, 2);

        nic.File.Config.Write(PciRegisters.Command, 2, command | PciRegisters.CommandInterruptDisable);
        nic.IsIntxMasked.Should().BeTrue();
        nic.File.Config.Write(PciRegisters.Command, 2, command);

        nic.IsIntxMasked.Should().BeFalse();
    }

    [Fact]
    public void Who_gave_it_up_is_not_unmasked_any_more()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        var unmask = new EventFd();
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        UnmaskOn(nic, unmask).Should().Be(KernelResult.Success);
        nic.File.DisableIrqs(VfioIrqIndex.Intx);
        nic.File.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);

        unmask.Signal();
        nic.Host.Clock.RunPending();

        nic.IsIntxMasked.Should().BeTrue();
    }

    [Fact]
    public void An_eventfd_can_unmask_it()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        var unmask = new EventFd();
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        UnmaskOn(nic, unmask).Should().Be(KernelResult.Success);
        nic.Nic.Hardware.AssertInterrupt();
        nic.Nic.Hardware.DeassertInterrupt();
        nic.IsIntxMasked.Should().BeTrue();

        unmask.Signal();

        nic.IsIntxMasked.Should().BeFalse();
        unmask.Count.Should().Be(0, "the kernel reads it");
    }

    [Fact]
    public void A_second_eventfd_that_unmasks_is_refused_until_the_first_is_given_back()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        UnmaskOn(nic, new EventFd());

        UnmaskOn(nic, new EventFd()).Errno.Should().Be(Errno.EBUSY);
        UnmaskOn(nic, FileDescriptor.Closed).Errno.Should().Be(Errno.EBADF);
        UnmaskOn(nic, FileDescriptor.OtherFile).Errno.Should().Be(Errno.EINVAL);
        UnmaskOn(nic, FileDescriptor.None).Should().Be(KernelResult.Success);
        UnmaskOn(nic, new EventFd()).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void Under_the_RFC_unmasking_without_power_signals_an_interrupt_that_nobody_raised()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        nic.File.MaskIntx();
        nic.Sleep();
        nic.Nic.PowerState.Should().Be(PowerState.D3Cold);

        // All ones in Status read as "pending".
        nic.File.UnmaskIntx();

        Signals().Should().Be(1);
    }

    [Fact]
    public void Linux_6_1_masks_it_for_the_sleep_and_unmasks_it_afterwards()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1, canCutPower: false);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        nic.File.EnterLowPower();
        nic.Host.Clock.Advance(OpenNic.AutosuspendDelay);
        nic.Nic.PowerState.Should().Be(PowerState.D3Hot);
        nic.IsIntxMasked.Should().BeTrue();

        nic.File.ExitLowPower();

        nic.IsIntxMasked.Should().BeFalse();
    }

    [Fact]
    public void An_interrupt_that_the_user_masked_stays_masked_over_the_sleep()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        nic.File.MaskIntx();
        nic.File.EnterLowPower();
        nic.Host.Clock.Advance(OpenNic.AutosuspendDelay);

        nic.File.ExitLowPower();

        nic.IsIntxMasked.Should().BeTrue();
    }

    [Fact]
    public void Disabling_leaves_the_mask_as_it_is_and_closing_puts_it_back()
    {
        using var nic = new OpenNic(KernelProfile.PreRfc);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        nic.File.MaskIntx();

        nic.File.DisableIrqs(VfioIrqIndex.Intx).Should().Be(KernelResult.Success);
        nic.IsIntxMasked.Should().BeTrue();
        nic.File.Device.InterruptType.Should().BeNull();

        nic.File.Close();
        nic.IsIntxMasked.Should().BeFalse();
    }

    [Fact]
    public void A_fork_goes_on_with_interrupts_of_its_own()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);
        ForkContext context = new();
        using SimulatedHost fork = context.Of(nic.Host);
        EventFd irqOfFork = context.Of(_irq);

        fork["0000:01:00.0"].Hardware.AssertInterrupt();

        irqOfFork.Count.Should().Be(1);
        fork.VfioPci.Devices[0].InterruptEventFd(VfioIrqIndex.Intx).Should().BeSameAs(irqOfFork);
        fork.ComputeStateHash().Should().NotBe(nic.Host.ComputeStateHash());
        _irq.Count.Should().Be(0);
        nic.IsIntxMasked.Should().BeFalse();
    }

    [Fact]
    public void A_device_may_raise_it_when_a_register_is_written_and_drop_it_when_one_is_read()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice nic = host.AddRootPort("0000:00:03.0")
            .AddEndpoint("0000:01:00.0", setup: setup => setup.WithRegisters(new CauseRegister()));
        using VfioDeviceFile file = host.VfioPci.Bind(nic).Open();
        file.EnableIrqs(VfioIrqIndex.Intx, _irq);

        file.Write(0, CauseRegister.Offset, [4, 0, 0, 0]).Value.Should().Be(4);
        Signals().Should().Be(1);

        file.Read(0, CauseRegister.Offset, new byte[4]);
        file.UnmaskIntx();
        Signals().Should().Be(0);
    }

    private static KernelResult UnmaskOn(OpenNic nic, FileDescriptor descriptor) => nic.File.SetIrqs(
        new VfioIrqSet(VfioIrqIndex.Intx, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionUnmask)
        {
            EventFds = [descriptor],
        });

    private ulong Signals()
    {
        _irq.Read(out ulong count);
        return count;
    }

    /// <summary>A device with one register, cleared by reading: it interrupts while that is not zero.</summary>
    private sealed class CauseRegister : IDeviceRegisters
    {
        public const int Offset = 0xc0;

        private ulong _cause;

        public bool? WantsInterrupt => _cause != 0;

        public ulong Read(int bar, long offset, int width) => offset == Offset ? Interlocked.Exchange(ref _cause, 0) : 0;

        public void Write(int bar, long offset, int width, ulong value) => _cause = offset == Offset ? value : _cause;

        public void Reset(ResetKind kind) => _cause = 0;

        public void AddTo(ref StateHash hash) => hash.Add((long)_cause);

        public IForkable Fork(ForkContext fork) => new CauseRegister { _cause = _cause };
    }
}
