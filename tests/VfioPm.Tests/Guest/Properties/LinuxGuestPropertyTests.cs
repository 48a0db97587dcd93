using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests;

/// <summary>What holds whatever a guest's driver does and when, on every kernel.</summary>
public sealed class LinuxGuestPropertyTests
{
    private static readonly FsCheck.Config Repeatable =
        FsCheck.Config.QuickThrowOnFailure
            .WithMaxTest(40)
            .WithEndSize(25)
            .WithReplay(20211115, 1)
            .WithQuietOnSuccess(true);

    public static TheoryData<string> AllProfiles => GuestMachine.AllProfiles;

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void Configuration_is_never_lost(string profile) => ForAll(profile, (machine, steps) =>
    {
        byte[] expected = machine.ReadHeader();
        foreach (GuestLifeStep step in steps)
        {
            step.Do(machine.Host);
            if (step.What == GuestLife.WriteInterruptLine)
            {
                expected[PciRegisters.InterruptLine] = (byte)step.Number;
            }
        }

        machine.Guest.Driver.Use().Should().Be(KernelResult.Success);

        machine.ReadHeader().Should().Equal(expected);
        machine.Guest.Device.Should().BeIn(PowerState.D0);
        machine.Nic.Should().BeIn(PowerState.D0);
        machine.Nic.Hardware.Should().BeIn(PowerState.D0);
        machine.Nic.Hardware.Faults.Should().BeEmpty();
    });

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void The_guests_usage_count_is_that_of_its_driver_and_its_administrator(string profile) =>
        ForAll(profile, (machine, steps) =>
        {
            foreach (GuestLifeStep step in steps)
            {
                step.Do(machine.Host);
                GuestDevice device = machine.Guest.Device;
                int holders = (device.Driver.IsBusy ? 1 : 0) + (device.RuntimePm.RuntimeAuto ? 0 : 1);
                device.Should().HaveUsageCount(holders, "of {0}", step);
            }
        });

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_guest_that_ends_leaves_no_usage_count_and_no_timer_behind(string profile) =>
        ForAll(profile, (machine, steps) =>
        {
            DoAll(machine.Host, steps);
            SimulatedHost copy = machine.Host.Fork();

            machine.Guest.Shutdown();
            machine.Settle();
            machine.Host.Should().BeBalancedSince(machine.BeforeUse);
            machine.Host.Clock.Pending.Should().BeEmpty();

            copy.Guests[0].Dispose();
            copy.Clock.Advance(TimeSpan.FromSeconds(3));
            copy.Should().BeBalancedSince(machine.BeforeUse);
            copy.Clock.Pending.Should().BeEmpty();
        });

    [Theory]
    [MemberData(nameof(AllProfiles))]
    public void A_fork_in_the_middle_goes_the_same_way(string profile) => ForAll(profile, (machine, steps) =>
    {
        int middle = steps.Length / 2;
        DoAll(machine.Host, steps[..middle]);
        SimulatedHost copy = machine.Host.Fork();

        DoAll(copy, steps[middle..]);
        DoAll(machine.Host, steps[middle..]);

        copy.ComputeStateHash().Should().Be(machine.Host.ComputeStateHash());
    });

    private static void DoAll(SimulatedHost host, IEnumerable<GuestLifeStep> steps)
    {
        foreach (GuestLifeStep step in steps)
        {
            step.Do(host);
        }
    }

    private static void ForAll(string profile, Action<GuestMachine, GuestLifeStep[]> holds) =>
        Prop.ForAll(GuestLifeStep.Sequences, steps =>
        {
            GuestMachine machine = new(KernelProfile.Parse(profile), vmm => vmm.WithWakeup());
            holds(machine, steps);
        }).Check(Repeatable);
}
