namespace VfioPm.Tests;

/// <summary>Cards that wake the machine from its sleep.</summary>
public sealed class WakeMachineTests
{
    private const ushort PmeFromAllStates = 0xf803;

    [Theory]
    [InlineData("linux-6.1", SystemSleepState.S2Idle)]
    [InlineData("linux-6.12", SystemSleepState.S2Idle)]
    [InlineData("linux-7.3", SystemSleepState.S2Idle)]
    [InlineData("linux-6.1", SystemSleepState.Mem)]
    [InlineData("linux-6.12", SystemSleepState.Mem)]
    [InlineData("linux-7.3", SystemSleepState.Mem)]
    public void A_card_that_is_to_wake_the_machine_does_so_by_the_firmware(string profile, SystemSleepState state)
    {
        using SimulatedHost host = Make(profile, hasWire: true, wakeup: "enabled");
        PciDevice nic = host[Machine.NicAddress];
        PendingCall sleep = host.SystemSleep.BeginSuspend(state);
        host.Clock.Advance(TimeSpan.FromHours(1));
        host.SystemSleep.IsAsleep.Should().BeTrue();
        nic.Hardware.PowerState.Should().Be(PowerState.D3Cold);

        nic.Hardware.AssertPme().Should().BeTrue();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        sleep.Result.Should().Be(KernelResult.Success);
        host.PowerSysfs.Read("wakeup_count").Text.Should().NotBe("0", "and it is counted");
    }

    [Theory]
    [InlineData("enabled", true)]
    [InlineData("disabled", false)]
    public void In_suspend_to_idle_the_interrupt_of_the_root_port_is_enough(string wakeup, bool wakes)
    {
        using SimulatedHost host = Make("linux-6.12", hasWire: false, wakeup);
        PendingCall sleep = host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle);
        host.Clock.Advance(TimeSpan.FromHours(1));
        host.SystemSleep.IsAsleep.Should().BeTrue();

        host[Machine.NicAddress].Hardware.AssertPme().Should().Be(wakes);
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        sleep.IsCompleted.Should().Be(wakes);
        host.SystemSleep.IsAsleep.Should().Be(!wakes);
    }

    [Fact]
    public void After_a_sleep_in_which_it_was_not_to_be_heard_a_card_can_wake_itself_at_run_time_again()
    {
        using SimulatedHost host = Make("linux-6.12", hasWire: false, "disabled");
        PciDevice nic = host[Machine.NicAddress];
        host.SystemSleep.Suspend(SystemSleepState.S2Idle, TimeSpan.FromHours(1)).Should().Be(KernelResult.Success);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Hot);

        nic.Hardware.AssertPme().Should().BeTrue();
        host.Clock.Advance(TimeSpan.FromMilliseconds(20));

        nic.Should().BeIn(PowerState.D0);
    }

    /// <summary>Of a function that is to wake the machine not even one that sleeps is left alone (<c>device_suspend()</c>).</summary>
    [Theory]
    [InlineData("enabled", true)]
    [InlineData("disabled", false)]
    public void Who_is_to_wake_themachine_passes_through_all_phases(string wakeup, bool passes)
    {
        List<SleepPhase> passed = [];
        var driver = new ScriptedDriver
        {
            OnSystemSleep = (_, phase) =>
            {
                passed.Add(phase);
                return phase == SleepPhase.Prepare ? 1 : 0;
            },
        };
        var machine = new Machine(KernelProfile.Linux6_12, image: Machine.WithPme());
        machine.Host.Drivers.Register(driver);
        machine.Nic.Bind(driver);
        machine.Nic.Sysfs.Write("power/wakeup", wakeup).Should().Be(KernelResult.Success);
        machine.Settle();
        machine.Nic.RuntimePm.Status.Should().Be(RuntimeStatus.Suspended);

        machine.Host.SystemSleep.Suspend(SystemSleepState.S2Idle, TimeSpan.FromHours(1)).Should().Be(KernelResult.Success);

        passed.Contains(SleepPhase.Suspend).Should().Be(passes);
    }

    /// <summary>The card sleeps when this returns. No port of a machine of 2014 does.</summary>
    private static SimulatedHost Make(string profile, bool hasWire, string wakeup)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile), firmware: new Firmware { Year = hasWire ? 2021 : 2014 });
        PciDevice root = host.AddRootPort(Machine.PortAddress, setup => _ = hasWire ? setup.WithPowerResource().WithWake() : setup);
        PciDevice nic = root.AddEndpoint(Machine.NicAddress, DeviceImages.E1000E.WithPowerManagement(PmeFromAllStates));
        nic.Sysfs.Write("power/wakeup", wakeup).Should().Be(KernelResult.Success);
        var driver = new ScriptedDriver();
        host.Drivers.Register(driver);
        nic.Bind(driver);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        return host;
    }
}
