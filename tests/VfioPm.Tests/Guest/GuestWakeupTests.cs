namespace VfioPm.Tests;

/// <summary>The host wakes a device that a guest sleeps with (VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP).</summary>
public sealed class GuestWakeupTests
{
    public static TheoryData<string> Profiles => GuestMachine.ProfilesWithLowPower;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_guest_that_is_told_of_the_wakeup_resumes_its_device_and_sleeps_again(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithWakeup());
        machine.FallAsleep();
        machine.Nic.Should().BeIn(PowerState.D3Cold);

        machine.Nic.HostConfig.Read(0, new byte[4]);                    // lspci on the host
        machine.Host.Clock.RunPending();

        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Active).And.HaveUsageCount(0);
        machine.Guest.Device.Should().BeIn(PowerState.D0);
        machine.Nic.Should().HaveUsageCount(1, "the wakeup ended the permission");

        machine.Settle();
        machine.Guest.Device.Should().BeIn(PowerState.D3Cold);
        machine.Nic.Should().BeIn(PowerState.D3Cold);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_guest_that_is_not_told_sleeps_on_and_so_does_the_device(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithPowerResource());
        machine.FallAsleep();

        machine.Nic.HostConfig.Read(0, new byte[4]);
        machine.Host.Clock.RunPending();

        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        machine.Guest.Device.Should().BeIn(PowerState.D3Cold);
        machine.Settle();
        machine.Nic.Should().BeIn(PowerState.D3Cold);
    }

    // __pci_enable_wake() and pci_pme_list_scan() of the guest; later kernels' vfio-pci hides PME from it.
    [Theory]
    [InlineData("linux-5.10", RuntimeStatus.Active)]
    [InlineData("pre-rfc", RuntimeStatus.Active)]
    [InlineData("linux-6.1", RuntimeStatus.Suspended)]
    public void A_guest_that_is_shown_PME_polls_for_it_and_resumes_its_device(string profile, RuntimeStatus expected)
    {
        using GuestMachine machine = new(
            KernelProfile.Parse(profile), vmm => vmm.WithAutosuspendDelay(TimeSpan.FromSeconds(5)), Machine.WithPme(),
            new HardwareBehavior { SendsNoPme = true });
        machine.Guest.Driver.GoIdle();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(6));
        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);

        machine.Nic.Hardware.AssertPme();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(2));

        machine.Guest.Device.Should().HaveRuntimeStatus(expected);
    }

    [Fact]
    public void Its_own_resume_is_no_wakeup_to_the_guest()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12, vmm => vmm.WithWakeup());
        machine.FallAsleep();

        machine.Guest.Driver.Use();

        machine.Guest.Device.RuntimePm.RequestPending.Should().BeFalse();
        machine.Guest.Device.Virtual.PowerResource!.Wakeup!.Count.Should().Be(0, "the VMM has read it");
    }

    [Fact]
    public void A_driver_that_finds_work_when_the_host_wakes_the_device_keeps_it()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12, vmm => vmm.WithWakeup());
        machine.FallAsleep();

        machine.Nic.HostConfig.Read(0, new byte[4]);
        machine.Guest.Driver.Use().Should().Be(KernelResult.Success);
        machine.Settle();

        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Active).And.HaveUsageCount(1);
        machine.Nic.Should().BeIn(PowerState.D0);
    }
}
