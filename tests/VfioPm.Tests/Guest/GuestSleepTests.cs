namespace VfioPm.Tests;

/// <summary>A guest's driver goes idle and finds work again: what guest, kernel and hardware make of it.</summary>
public sealed class GuestSleepTests
{
    public static TheoryData<string> AllProfiles => GuestMachine.AllProfiles;

    public static TheoryData<string> ProfilesWithLowPower => GuestMachine.ProfilesWithLowPower;

    public static TheoryData<string> ProfilesWithoutLowPower => GuestMachine.ProfilesWithoutLowPower;

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_guest_boots_with_a_busy_driver_and_a_device_that_decodes(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile));

        machine.Guest.Driver.IsBusy.Should().BeTrue();
        machine.Guest.Device.Should().BeIn(PowerState.D0);
        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Active).And.HaveUsageCount(1);
        const ushort Decodes = PciRegisters.CommandMemory | PciRegisters.CommandMaster;
        (machine.Nic.Hardware.Configuration.Read(PciRegisters.Command, 2) & Decodes).Should().Be(Decodes);

        machine.Settle();
        machine.Nic.Should().BeIn(PowerState.D0);
    }

    [Theory]
    [InlineData("linux-5.10", PowerState.D3Hot, PowerState.D0)]
    [InlineData("pre-rfc", PowerState.D3Hot, PowerState.D0)]
    [InlineData("rfc-v1", PowerState.D3Cold, PowerState.D3Cold)]
    [InlineData("linux-6.1", PowerState.D3Hot, PowerState.D0)]
    [InlineData("linux-6.12", PowerState.D3Hot, PowerState.D0)]
    [InlineData("linux-7.3", PowerState.D3Hot, PowerState.D0)]
    public void Without_a_power_resource_the_guest_reaches_what_the_kernel_makes_of_D3hot(
        string profile, PowerState nic, PowerState port)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile));

        machine.FallAsleep();

        machine.Guest.Device.Should().BeIn(PowerState.D3Hot);
        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended).And.HaveUsageCount(0);
        machine.Nic.Should().BeIn(nic);
        machine.Nic.Hardware.Should().BeIn(nic);
        machine.Port.Should().BeIn(port);
    }

    [Theory]
    [MemberData(nameof(ProfilesWithLowPower))]
    public void With_a_power_resource_the_guest_reaches_D3cold(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithPowerResource());

        machine.FallAsleep();

        machine.Guest.Device.Should().BeIn(PowerState.D3Cold);
        machine.Guest.Device.Virtual.PowerResource!.IsOn.Should().BeFalse();
        machine.Nic.Should().BeIn(PowerState.D3Cold).And.HaveUsageCount(0);
        machine.Port.Should().BeIn(PowerState.D3Cold);
    }

    [Theory]
    [MemberData(nameof(ProfilesWithoutLowPower))]
    public void Where_the_kernel_has_no_low_power_the_resource_stays_on_and_the_guest_in_D3hot(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithPowerResource());

        machine.FallAsleep();

        VirtualPowerResource resource = machine.Guest.Device.Virtual.PowerResource!;
        resource.LastResult.Should().Be((KernelResult)Errno.ENOTTY);
        resource.IsOn.Should().BeTrue();
        machine.Guest.Device.Should().BeIn(PowerState.D3Hot);
    }

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_driver_that_finds_work_has_its_device_back_with_the_configuration_that_it_had(string profile)
    {
        foreach (DeviceImage image in new[] { DeviceImages.E1000E, DeviceImages.Nvme })
        {
            using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithPowerResource(), image);
            machine.File.Config.Write(PciRegisters.InterruptLine, 1, 0x2a);
            byte[] before = machine.ReadHeader();
            machine.FallAsleep();

            machine.Guest.Driver.Use().Should().Be(KernelResult.Success);

            machine.Guest.Device.Should().BeIn(PowerState.D0);
            machine.Nic.Should().BeIn(PowerState.D0);
            machine.Nic.Hardware.Should().BeIn(PowerState.D0);
            machine.Nic.Hardware.Faults.Should().BeEmpty();
            machine.ReadHeader().Should().Equal(before);
        }
    }

    // vfio-pci does not keep the configuration of a function that says No_Soft_Reset; this one lies.
    [Theory]
    [InlineData("pre-rfc")]
    [InlineData("linux-6.12")]
    public void The_guest_restores_what_nobody_kept_for_it(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice disk = host.AddEndpoint("0000:00:04.0", DeviceImages.Nvme, setup => setup
            .WithBehavior(new HardwareBehavior { ResetsDespiteNoSoftReset = true }));
        using LinuxGuest guest = host.Boot(host.VfioPci.Bind(disk).Open());
        guest.Driver.GoIdle();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        disk.Should().BeIn(PowerState.D3Hot);

        guest.Driver.Use();

        const ushort Decodes = PciRegisters.CommandMemory | PciRegisters.CommandMaster;
        (disk.Hardware.Configuration.Read(PciRegisters.Command, 2) & Decodes).Should().Be(Decodes);
    }

    [Fact]
    public void The_device_sleeps_when_the_autosuspend_delay_is_over_and_not_before()
    {
        using GuestMachine machine = new(
            KernelProfile.Linux6_12, vmm => vmm.WithAutosuspendDelay(TimeSpan.FromMilliseconds(200)));

        machine.Guest.Driver.GoIdle();
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(199));
        machine.Nic.Should().BeIn(PowerState.D0);

        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(20));
        machine.Nic.Should().BeIn(PowerState.D3Hot);
    }

    [Fact]
    public void A_negative_autosuspend_delay_keeps_the_device_awake()
    {
        using GuestMachine machine = new(
            KernelProfile.Linux6_12, vmm => vmm.WithAutosuspendDelay(TimeSpan.FromMilliseconds(-1)));

        machine.FallAsleep();

        machine.Guest.Device.Should().BeIn(PowerState.D0).And.HaveUsageCount(1, "of the delay");
    }

    [Fact]
    public void Work_in_time_keeps_the_device_awake()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12, vmm => vmm.WithPowerResource());
        TimeSpan booted = machine.Host.Clock.Now;

        for (int i = 0; i < 5; i++)
        {
            machine.Guest.Driver.GoIdle();
            machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(900));
            machine.Guest.Driver.Use();
        }

        machine.Nic.Should().HaveStayedIn(PowerState.D0, since: booted);
    }

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void Power_control_on_in_the_guest_keeps_the_device_awake(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithPowerResource());
        machine.Guest.Device.Sysfs.Write("power/control", "on").Should().Be(KernelResult.Success);

        machine.FallAsleep();
        machine.Nic.Should().BeIn(PowerState.D0);
        machine.Guest.Device.Sysfs.Read("power/control").Text.Should().Be("on");

        machine.Guest.Device.Sysfs.Write("power/control", "auto");
        machine.Settle();
        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_driver_may_refuse_to_sleep()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12, vmm => vmm.WithDriver(
            new DriverCallbacks { Suspend = _ => Errno.EBUSY }));

        machine.FallAsleep();

        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Active);
        machine.Nic.Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void A_driver_may_take_its_time()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12, vmm => vmm.WithDriver(new DriverCallbacks
        {
            SuspendTime = TimeSpan.FromMilliseconds(300),
            ResumeTime = TimeSpan.FromMilliseconds(500),
        }));
        machine.Guest.Driver.GoIdle();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1.2));
        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspending);
        machine.Nic.Should().BeIn(PowerState.D0);
        machine.Settle();
        machine.Nic.Should().BeIn(PowerState.D3Hot);

        TimeSpan asked = machine.Host.Clock.Now;
        machine.Guest.Driver.Use();

        (machine.Host.Clock.Now - asked).Should().BeGreaterThan(TimeSpan.FromMilliseconds(500));
    }

    // pci_pm_runtime_resume() does not look whether the device answers; the driver finds out. That PMCSR reads all ones
    // the guest does not see: vfio-pci shows it no PME bits.
    [Fact]
    public void A_device_that_does_not_come_back_from_D3cold_is_resumed_all_the_same()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0", setup: setup => setup
            .WithPowerResource()
            .WithBehavior(new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever }));
        nic.Sysfs.Write("d3cold_allowed", "0");
        using LinuxGuest guest = host.Boot(host.VfioPci.Bind(nic).Open(), vmm => vmm.WithPowerResource());
        nic.Sysfs.Write("d3cold_allowed", "1");
        guest.Driver.GoIdle();
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        nic.Should().BeIn(PowerState.D3Cold);

        guest.Driver.Use().Should().Be(KernelResult.Success);

        nic.Should().BeIn(PowerState.D3Cold);
        guest.Device.Should().BeIn(PowerState.D3Hot);
        guest.Driver.ReadMemory(0, 0, 4).IsFault.Should().BeTrue();
    }

    // pci_pm_init() sets d3cold_allowed only where it finds a PM capability, and _PR3 keeps the resource on.
    [Fact]
    public void A_device_without_a_PM_capability_keeps_its_power()
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes[PciRegisters.CapabilityPointer] = bytes[bytes[PciRegisters.CapabilityPointer] + 1];
        using GuestMachine machine = new(
            KernelProfile.Linux6_12, vmm => vmm.WithPowerResource(), DeviceImages.E1000E.WithBytes(bytes));

        machine.FallAsleep();
        machine.Guest.Device.Should().BeIn(PowerState.D3Hot);
        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        machine.Guest.Device.Virtual.PowerResource!.IsOn.Should().BeTrue();
        machine.Nic.Should().BeIn(PowerState.D0);

        machine.Guest.Driver.Use();
        machine.Guest.Device.Should().BeIn(PowerState.D0);
    }

    // pci_set_low_power_state() of the guest looks whether the device went where it was sent.
    [Fact]
    public void A_guest_says_in_its_log_that_its_device_refuses_to_sleep()
    {
        var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Linux6_12, loggerFactory: log);
        PciDevice nic = host.AddEndpoint("0000:00:05.0", setup: setup => setup
            .WithBehavior(new HardwareBehavior { IgnoresD3Hot = true }));
        using LinuxGuest guest = host.Boot(host.VfioPci.Bind(nic).Open());

        guest.Driver.GoIdle();
        host.Clock.Advance(TimeSpan.FromSeconds(3));

        guest.Device.Should().BeIn(PowerState.D0);
        log.Lines.Should().Contain("Information guest 0000:00:05.0: Refused to change power state from D0 to D3hot");
    }
}
