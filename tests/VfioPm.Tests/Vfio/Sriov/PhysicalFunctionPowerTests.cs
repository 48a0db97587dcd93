namespace VfioPm.Tests;

// vfio_pci_core_sriov_configure(), vfio_pci_set_power_state(); recording "sriov-pf-awake".
public sealed class PhysicalFunctionPowerTests
{
    [Fact]
    public void Since_Linux_6_1_it_is_woken_and_kept_in_D0_while_its_virtual_functions_are_enabled()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Settle();
        machine.Physical.Should().BeIn(PowerState.D3Cold);

        machine.Enable(2).Should().Be(KernelResult.Success);
        machine.Settle();
        machine.Physical.Should().BeIn(PowerState.D0).And.HaveUsageCount(1);
        machine.Port.Should().BeIn(PowerState.D0);
        machine.Virtual(0).Should().BeIn(PowerState.D3Hot);

        machine.Enable(0);
        machine.Settle();
        machine.Physical.Should().BeIn(PowerState.D3Cold).And.HaveUsageCount(0);
        machine.Port.Should().BeIn(PowerState.D3Cold);
    }

    [Fact]
    public void Its_user_cannot_put_it_to_sleep_meanwhile()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        using VfioDeviceFile file = machine.Bound.Open(SriovMachine.Token);
        file.Config.WritePmcsrState(PowerState.D3Hot);

        machine.Enable(1);
        file.Config.ReadPmcsrState().Should().Be(PowerState.D0, "enabling brought it there");
        file.Config.WritePmcsrState(PowerState.D3Hot);
        file.Config.ReadPmcsrState().Should().Be(PowerState.D0);
        file.EnterLowPower().Should().Be(KernelResult.Success);
        machine.Settle();
        machine.Physical.Should().BeIn(PowerState.D0).And.HaveUsageCount(1);

        machine.Enable(0);
        machine.Settle();
        machine.Physical.Should().BeIn(PowerState.D3Cold);
    }

    [Fact]
    public void Its_user_can_again_afterwards()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        using VfioDeviceFile file = machine.Bound.Open(SriovMachine.Token);
        machine.Enable(1);
        machine.Enable(0);

        file.Config.WritePmcsrState(PowerState.D3Hot);

        file.Config.ReadPmcsrState().Should().Be(PowerState.D3Hot);
    }

    [Fact]
    public void Where_it_cannot_be_woken_there_are_no_virtual_functions()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Settle();
        machine.Physical.RuntimePm.Disable();

        machine.Enable(1).Errno.Should().Be(Errno.EACCES);
        machine.Physical.Should().HaveUsageCount(0);
    }

    [Fact]
    public void Under_the_RFC_nobody_wakes_it_and_without_power_the_capability_makes_no_sense()
    {
        using SriovMachine machine = new(KernelProfile.RfcV1);
        machine.Settle();

        machine.Enable(1).Errno.Should().Be(Errno.EIO);

        machine.Physical.Should().BeIn(PowerState.D3Cold);
    }

    [Fact]
    public void Under_the_RFC_it_loses_its_virtual_functions_when_all_have_been_idle_for_a_second_until_one_wakes_the_port()
    {
        using SriovMachine machine = new(KernelProfile.RfcV1);
        machine.Enable(1).Should().Be(KernelResult.Success, "it is still awake");

        machine.Settle();
        machine.Settle();
        machine.Physical.Should().BeIn(PowerState.D3Cold);
        machine.Physical.Sysfs.Read(SriovMachine.NumVfs).Text.Should().Be("1");
        PendingCall resume = machine.Virtual(0).RuntimePm.BeginResume();
        while (!machine.Physical.Hardware.HasPower)
        {
            machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        machine.Virtual(0).Hardware.ReadConfig(PciRegisters.Status, 2).Should().Be(0xffff, "it was lost with the power");

        // While its BARs are tried, the port has all below it resumed (pci_resume_bus()).
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(300));
        resume.IsCompleted.Should().BeTrue();
        machine.Host.Log.Should().Say("Unable to change power state from D3cold to D0, device inaccessible");
        machine.Virtual(0).Hardware.ReadConfig(PciRegisters.Status, 2).Should().NotBe(0xffff);
    }

    [Fact]
    public void Before_the_RFC_it_sleeps_in_D3hot_under_them()
    {
        using SriovMachine machine = new(KernelProfile.PreRfc);

        machine.Enable(1).Should().Be(KernelResult.Success);

        machine.Physical.Should().BeIn(PowerState.D3Hot);
        machine.Virtual(0).Hardware.Decodes(0).Should().BeFalse();
    }
}
