namespace VfioPm.Tests;

/// <summary>"What review found": each flaw of the RFC seen to happen, and gone in Linux 6.1.</summary>
public sealed class ReviewFindingsTests
{
    private const int Register = 0x100;
    private const ulong Written = 0x1234_5678;

    private readonly Machine _rfc = new(KernelProfile.RfcV1);
    private readonly Machine _linux6_1 = new(KernelProfile.Linux6_1);

    [Fact]
    public void Finding_1_opening_goes_on_with_the_count_raised_when_the_resume_failed()
    {
        VfioPciDevice bound = _rfc.Bind();
        _rfc.Settle();
        _rfc.Nic.RuntimePm.Disable();

        KernelResult result = bound.TryOpen(out _);

        result.Should().Be(KernelResult.Success);
        _rfc.Nic.Should().HaveUsageCount(1).And.HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Fact]
    public void Finding_1_is_gone_in_Linux_6_1_which_fails_and_gives_the_count_back()
    {
        VfioPciDevice bound = _linux6_1.Bind();
        _linux6_1.Settle();
        _linux6_1.Nic.RuntimePm.Disable();

        KernelResult result = bound.TryOpen(out _);

        result.Should().Be((KernelResult)Errno.EACCES);
        _linux6_1.Nic.Should().HaveUsageCount(0);
    }

    [Fact]
    public void Finding_2_after_a_bus_reset_only_the_function_that_was_reset_through_goes_back_to_sleep()
    {
        DeviceSetMachine machine = new(KernelProfile.RfcV1);

        machine.UseAndCloseSecond();
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(500));

        machine.First.Should().BeIn(PowerState.D0).And.HaveRuntimeStatus(RuntimeStatus.Active);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(2));
        machine.First.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Fact]
    public void Finding_2_is_gone_in_Linux_6_1_where_every_member_is_held_over_the_reset_and_let_go_after_it()
    {
        DeviceSetMachine machine = new(KernelProfile.Linux6_1);

        machine.UseAndCloseSecond();
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(500));

        machine.First.Should().BeIn(PowerState.D3Cold).And.HaveUsageCount(0);
        machine.Second.Should().BeIn(PowerState.D3Cold).And.HaveUsageCount(0);
    }

    [Fact]
    public void Finding_3_a_function_with_No_Soft_Reset_loses_its_context_in_a_D3cold_it_did_not_ask_for()
    {
        Machine machine = new(KernelProfile.RfcV1, image: DeviceImages.Nvme);

        SleepOverRegister(machine, TimeSpan.FromSeconds(1.5)).Should().Be(0);
    }

    [Fact]
    public void Finding_3_is_gone_in_Linux_6_1_where_D3hot_stays_D3hot()
    {
        Machine machine = new(KernelProfile.Linux6_1, image: DeviceImages.Nvme);

        SleepOverRegister(machine, TimeSpan.FromSeconds(1.5)).Should().Be(Written);
    }

    [Fact]
    public void Finding_4_D3hot_and_back_within_the_delay_does_not_reset_a_function_without_No_Soft_Reset() =>
        SleepOverRegister(_rfc, TimeSpan.FromMilliseconds(500)).Should().Be(Written);

    [Fact]
    public void Finding_4_is_gone_in_Linux_6_1_where_the_reset_happens() =>
        SleepOverRegister(_linux6_1, TimeSpan.FromMilliseconds(500)).Should().Be(0);

    [Fact]
    public void Finding_5_memory_and_ioctls_are_not_blocked_without_power()
    {
        using VfioDeviceFile device = OpenWithMemory(_rfc);
        device.Config.WritePmcsrState(PowerState.D3Hot);
        _rfc.Settle();
        byte[] read = new byte[4];

        device.Read(0, Register, read).Value.Should().Be(4);
        device.GetIrqInfo(VfioIrqIndex.Req, out _).Should().Be(KernelResult.Success);

        read.Should().AllBeEquivalentTo((byte)0xff, "nobody answers");
        _rfc.Nic.Should().BeIn(PowerState.D3Cold);
    }

    [Fact]
    public void Finding_5_is_gone_in_Linux_6_1_which_refuses_memory_in_D3hot_and_wakes_for_every_call()
    {
        using VfioDeviceFile device = OpenWithMemory(_linux6_1);
        device.Config.WritePmcsrState(PowerState.D3Hot);
        device.Read(0, Register, new byte[4]).Should().Be((KernelResult)Errno.EIO);
        device.Config.WritePmcsrState(PowerState.D0);
        _linux6_1.Nic.Hardware.WriteBar(0, Register, 4, Written);

        device.EnterLowPower();
        _linux6_1.Settle();
        _linux6_1.Nic.Should().BeIn(PowerState.D3Cold);
        byte[] read = new byte[4];
        device.Read(0, Register, read).Value.Should().Be(4);

        read.Should().AllBeEquivalentTo((byte)0, "it lost the register, but it answers");
    }

    [Fact]
    public void Finding_6_the_guest_pays_the_latency_of_D3cold_without_having_been_asked()
    {
        Machine warm = new(KernelProfile.RfcV1, cutsPower: false);

        TimeSpan cold = TimeToWake(_rfc);

        cold.Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(100));
        cold.Should().BeGreaterThan(TimeToWake(warm));
    }

    [Fact]
    public void Finding_6_is_gone_in_Linux_6_1_where_D3hot_costs_what_D3hot_costs() =>
        TimeToWake(_linux6_1).Should().BeLessThan(TimeSpan.FromMilliseconds(100));

    private static VfioDeviceFile OpenWithMemory(Machine machine)
    {
        VfioDeviceFile device = machine.Open();
        device.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        return device;
    }

    /// <summary>What a register of the device holds after the guest slept for a time.</summary>
    private static ulong SleepOverRegister(Machine machine, TimeSpan sleep)
    {
        using VfioDeviceFile device = machine.Open();
        machine.Nic.Hardware.WriteBar(0, Register, 4, Written);
        device.Config.WritePmcsrState(PowerState.D3Hot);
        machine.Host.Clock.Advance(sleep);
        device.Config.WritePmcsrState(PowerState.D0);
        return machine.Nic.Hardware.ReadBar(0, Register, 4);
    }

    private static TimeSpan TimeToWake(Machine machine)
    {
        using VfioDeviceFile device = machine.OpenAndSleep();
        TimeSpan asked = machine.Host.Clock.Now;
        device.Config.WritePmcsrState(PowerState.D0);
        return machine.Host.Clock.Now - asked;
    }
}
