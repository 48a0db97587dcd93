namespace VfioPm.Tests;

/// <summary>A guest is shut down, rebooted, reset or killed, awake or asleep.</summary>
public sealed class GuestEndTests
{
    public static TheoryData<string> AllProfiles => GuestMachine.AllProfiles;

    /// <summary>It was an index outside of no bytes, and half a guest.</summary>
    [Fact]
    public void A_guest_whose_device_nobody_can_wake_boots_and_finds_ones()
    {
        SimulatedHost host = StandardTopology.Parse("b").Make(KernelProfile.Linux6_1);
        VfioDeviceFile file = host.VfioPci.Devices[0].Open();
        file.EnterLowPower();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.Devices[1].RuntimePm.Disable();
        file.GetInfo(out _).Errno.Should().Be(Errno.EIO);

        LinuxGuest guest = host.Boot(file);

        guest.IsRunning.Should().BeTrue();
        guest.Driver.ReadMemory(0, 0, 4).Should().Match<MappedAccess>(access => access.IsFault || access.Value == uint.MaxValue);
    }

    /// <summary>It was a null reference: what was to be ended had no frame any more.</summary>
    [Fact]
    public void A_guest_that_somebody_turns_off_in_the_middle_of_a_call_that_it_has_begun_is_off()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_1);
        machine.FallAsleep();
        machine.Guest.RuntimePm.Events.Add(new Switch(machine.Guest));

        PendingCall use = machine.Guest.Driver.BeginUse();
        machine.Settle();

        machine.Guest.IsRunning.Should().BeFalse();
        use.IsCompleted.Should().BeTrue();
        use.Invoking(static call => call.Result).Should().Throw<InvalidOperationException>()
            .WithMessage("The call threw: The kernel stopped in the middle of a call: *");
    }

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_guest_that_shuts_down_leaves_its_device_in_D3hot_and_the_VMM_closes_it(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithPowerResource());
        machine.FallAsleep();
        int before = machine.Host.Trace.Entries.Count;

        machine.Guest.Shutdown();
        machine.Settle();

        machine.Guest.IsRunning.Should().BeFalse();
        machine.Guest.Device.Should().BeIn(PowerState.D3Hot);
        machine.Bound.IsOpen.Should().BeFalse();
        machine.Host.Should().BeBalancedSince(machine.BeforeUse);
        GuestMachine.PendingOfGuests(machine.Host).Should().BeEmpty();
        machine.Host.Trace.ToTimeline().After(before).ToString().Should().Contain("guest shuts down");
    }

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_VMM_that_is_killed_leaves_nothing_behind(string profile)
    {
        foreach (bool sleeps in new[] { true, false })
        {
            GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithWakeup());
            if (sleeps)
            {
                machine.FallAsleep();
            }
            else
            {
                machine.Guest.Driver.GoIdle();
            }

            machine.Guest.Dispose();
            machine.Settle();

            machine.Bound.IsOpen.Should().BeFalse();
            machine.Guest.Device.Virtual.PowerResource!.Wakeup!.IsClosed.Should().BeTrue();
            machine.Host.Should().BeBalancedSince(machine.BeforeUse);
            GuestMachine.PendingOfGuests(machine.Host).Should().BeEmpty();
        }
    }

    [Fact]
    public void A_VMM_may_be_killed_while_the_guest_suspends()
    {
        GuestMachine machine = new(KernelProfile.Linux6_12, vmm => vmm.WithPowerResource());
        machine.Guest.Driver.GoIdle();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1.005));
        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspending);

        machine.Guest.Dispose();
        machine.Settle();

        machine.Host.Should().BeBalancedSince(machine.BeforeUse);
        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspending, "nobody goes on");
    }

    [Fact]
    public void A_VMM_may_be_killed_before_the_guest_hears_of_a_wakeup()
    {
        GuestMachine machine = new(KernelProfile.Linux7_3, vmm => vmm.WithWakeup());
        machine.FallAsleep();
        machine.Nic.HostConfig.Read(0, new byte[4]);
        machine.Guest.Device.RuntimePm.RequestPending.Should().BeTrue();

        machine.Guest.Dispose();
        machine.Settle();

        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended, "nobody is there to resume it");
        machine.Host.Should().BeBalancedSince(machine.BeforeUse);
    }

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void After_a_reboot_all_is_as_after_booting(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithWakeup());
        byte[] header = machine.ReadHeader();
        machine.FallAsleep();

        machine.Guest.Reboot();

        ShouldBeAsNew(machine, header);
    }

    // vfio_pci_pre_reset() of QEMU: "stuck in D3" else.
    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_reset_finds_the_device_asleep_and_leaves_it_as_after_booting(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithWakeup());
        byte[] header = machine.ReadHeader();
        machine.Guest.Driver.WriteMemory(0, 0x10, 4, 0xcafe);
        machine.FallAsleep();

        machine.Guest.Reset();

        machine.Guest.Driver.ReadMemory(0, 0x10, 4).Value.Should().Be(0, "the device was reset");
        ShouldBeAsNew(machine, header);
    }

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_reset_finds_the_device_awake_and_resets_it(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile));
        byte[] header = machine.ReadHeader();
        machine.Guest.Driver.WriteMemory(0, 0x10, 4, 0xcafe);
        uint command = machine.File.Config.Read(PciRegisters.Command, 2);
        machine.File.Config.Write(PciRegisters.Command, 2, command | PciRegisters.CommandInterruptDisable);

        machine.Guest.Reset();

        machine.Guest.Driver.ReadMemory(0, 0x10, 4).Value.Should().Be(0);
        ShouldBeAsNew(machine, header);
    }

    // Neither FLR nor D3hot resets these two, and a bus reset is for both: vfio_pci_hot_reset() of QEMU.
    [Fact]
    public void Functions_that_only_their_bus_can_reset_are_hot_reset()
    {
        DeviceImage image = DeviceImages.E1000E.WithPowerManagement(0x0003, PmRegisters.NoSoftReset);
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        VfioPciDevice first = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0", image));
        VfioPciDevice second = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.1", image));
        VfioDeviceFile file = first.Open();
        file.Reset().Should().Be((KernelResult)Errno.EINVAL);
        using LinuxGuest guest = host.Boot(file);
        guest.Add(second.Open());
        guest["0000:01:00.0"].Driver.WriteMemory(0, 0x10, 4, 0xcafe);

        guest.Reset();

        guest["0000:01:00.0"].Driver.ReadMemory(0, 0x10, 4).Value.Should().Be(0);
    }

    [Fact]
    public void A_guest_that_is_off_says_so()
    {
        GuestMachine machine = new(KernelProfile.Linux6_12);
        machine.Guest.Shutdown();

        machine.Guest.Invoking(guest => guest.Driver.Use()).Should().Throw<InvalidOperationException>()
            .WithMessage("guest is off: boot another.");
        machine.Guest.Invoking(guest => guest.Shutdown()).Should().Throw<InvalidOperationException>();
        machine.Guest.Invoking(guest => guest.Reboot()).Should().Throw<InvalidOperationException>();
        machine.Guest.ToString().Should().Be("guest (off)");

        using LinuxGuest another = machine.Host.Boot(machine.Bound.Open());
        another.Name.Should().Be("guest2");
        another.Driver.IsBusy.Should().BeTrue();
    }

    private static void ShouldBeAsNew(GuestMachine machine, byte[] header)
    {
        machine.Guest.Device.Should().BeIn(PowerState.D0);
        machine.Guest.Driver.IsBusy.Should().BeTrue();
        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Active).And.HaveUsageCount(1);
        machine.Nic.Should().BeIn(PowerState.D0);
        machine.ReadHeader().Should().Equal(header);

        machine.FallAsleep();
        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        machine.Guest.Driver.Use().Should().Be(KernelResult.Success);
        machine.ReadHeader().Should().Equal(header);
        machine.Guest.Shutdown();
        machine.Settle();
        machine.Host.Should().BeBalancedSince(machine.BeforeUse);
    }

    /// <summary>Turns the guest off when its device is awake.</summary>
    private sealed class Switch(LinuxGuest guest) : IRuntimePmListener
    {
        public void OnStatus(RuntimePmDevice device, RuntimeStatus before)
        {
            if (device.Status == RuntimeStatus.Active)
            {
                guest.Dispose();
            }
        }

        public IForkable Fork(ForkContext fork) => new Switch(fork.Of(guest));
    }
}
