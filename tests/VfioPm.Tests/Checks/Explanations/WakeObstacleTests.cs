namespace VfioPm.Tests;

/// <summary>Each reason for a sleep that should not be is named where it is one.</summary>
public sealed class WakeObstacleTests
{
    [Fact]
    public void Nobody_holds_it()
    {
        Machine machine = new(KernelProfile.Linux6_1);
        machine.Open().Close();
        machine.Settle();

        Expect(machine.Nic, "nobody holds 0000:01:00.0 since its last user left (closed at 0.072 s)");
    }

    [Fact]
    public void The_guest_put_it_there_past_runtime_PM()
    {
        Machine machine = new(KernelProfile.PreRfc);
        using VfioDeviceFile device = machine.OpenIn(PowerState.D3Hot);

        Expect(
            machine.Nic,
            "0000:01:00.0 was put to sleep past runtime PM, which takes it for active (guest asks for low power in PMCSR at 0.060 s)");
    }

    [Fact]
    public void A_user_who_does_not_resume_what_he_holds()
    {
        Machine machine = new(KernelProfile.RfcV1);
        using VfioDeviceFile device = machine.OpenAndSleep();
        machine.Nic.RuntimePm.GetNoResume();

        Expect(machine.Nic, "0000:01:00.0 is held by a usage count of 1 (a call in WakeObstacleTests.cs:");
    }

    [Fact]
    public void A_resume_that_nobody_let_run()
    {
        Machine machine = new(KernelProfile.RfcV1);
        using VfioDeviceFile device = machine.OpenAndSleep();
        machine.Nic.RuntimePm.RequestResume();

        Expect(machine.Nic, "0000:01:00.0 is on its way: time has to be advanced");
    }

    [Fact]
    public void A_link_that_stays_down()
    {
        Machine machine = new(KernelProfile.RfcV1, port: new HardwareBehavior { LosesLinkWithPower = true });
        using VfioDeviceFile device = machine.OpenAndSleep();
        device.Config.WritePmcsrState(PowerState.D0);

        Expect(
            machine.Nic,
            "the link below 0000:00:03.0 is down",
            "the kernel takes 0000:01:00.0 for gone since it could not reach it");
    }

    [Fact]
    public void Hardware_that_is_slow()
    {
        Machine machine = new(
            KernelProfile.Linux6_1,
            cutsPower: false,
            disableIdleD3: true,
            image: DeviceImages.Nvme,
            nic: new HardwareBehavior { SilenceAfterD3Hot = TimeSpan.FromMilliseconds(50) });
        using VfioDeviceFile device = machine.OpenIn(PowerState.D3Hot);
        device.Config.WritePmcsrState(PowerState.D0);

        Expect(machine.Nic, "the hardware of 0000:01:00.0 has power but is not ready until 0.170 s");
    }

    [Fact]
    public void A_state_that_the_kernel_does_not_know() => Expect(
        new Machine(KernelProfile.RfcV1).Nic,
        "no driver has had 0000:01:00.0 yet, so the kernel does not know its state");

    private static void Expect(PciDevice device, params string[] reasons)
    {
        string message = Failure.MessageOf(() => device.Should().BeIn(PowerState.D0));
        foreach (string reason in reasons)
        {
            message.Should().Contain($"  {reason}");
        }
    }
}
