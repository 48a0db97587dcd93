namespace VfioPm.Tests;

/// <summary>Guests in forks and in the state hash of their host.</summary>
public sealed class GuestForkTests
{
    public static TheoryData<string> AllProfiles => GuestMachine.AllProfiles;

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_fork_goes_on_alone_from_every_moment_of_a_sleep(string profile)
    {
        using GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithWakeup());
        machine.Guest.Driver.GoIdle();
        for (int moment = 0; moment < 30; moment++)
        {
            SimulatedHost copy = machine.Host.Fork();
            copy.ComputeStateHash().Should().Be(machine.Host.ComputeStateHash());
            LinuxGuest guest = copy.Guests[0];

            copy.Clock.Advance(TimeSpan.FromSeconds(3));
            guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
            guest.Driver.Use().Should().Be(KernelResult.Success);
            copy[Machine.NicAddress].Should().BeIn(PowerState.D0);

            machine.Guest.Driver.IsBusy.Should().BeFalse();
            machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(moment is 10 ? 900 : 5));
        }

        machine.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_wakeup_in_a_fork_is_told_to_the_guest_of_the_fork()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12, vmm => vmm.WithWakeup());
        machine.FallAsleep();
        SimulatedHost copy = machine.Host.Fork();

        copy[Machine.NicAddress].HostConfig.Read(0, new byte[4]);
        copy.Clock.RunPending();

        copy.Guests[0].Device.Should().BeIn(PowerState.D0);
        machine.Guest.Device.Should().BeIn(PowerState.D3Cold);
        machine.Nic.Should().BeIn(PowerState.D3Cold);
    }

    [Fact]
    public void A_guest_that_is_off_is_off_in_the_fork()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12);
        machine.Guest.Shutdown();

        machine.Host.Fork().Guests[0].IsRunning.Should().BeFalse();
    }

    [Fact]
    public void The_hash_tells_guests_apart_that_differ_in_what_they_believe_or_keep()
    {
        List<ulong> hashes = [Hash(_ => { })];
        hashes.Add(Hash(machine => machine.Guest.Driver.GoIdle()));
        hashes.Add(Hash(machine => machine.Guest.Device.Sysfs.Write("power/control", "on")));
        hashes.Add(Hash(machine => machine.Guest.Device.Pci.Power.Believe(PowerState.D3Hot)));
        hashes.Add(Hash(machine => PciPm.SaveState(machine.Guest.Device.Pci)));
        hashes.Add(Hash(machine => machine.Guest.Device.Virtual.PowerResource!.TurnOff()));
        hashes.Add(Hash(machine => machine.Guest.Dispose()));

        hashes.Should().OnlyHaveUniqueItems();
        Hash(_ => { }).Should().Be(hashes[0]);

        static ulong Hash(Action<GuestMachine> change)
        {
            GuestMachine machine = new(KernelProfile.RfcV1, vmm => vmm.WithPowerResource());
            change(machine);
            return machine.Host.ComputeStateHash();
        }
    }
}
