namespace VfioPm.Tests;

/// <summary>What the PCI core does with a function when the whole machine sleeps (<c>pci_pm_suspend()</c> … <c>pci_pm_complete()</c>).</summary>
public sealed class PciPmSleepTests
{
    private static readonly TimeSpan Night = TimeSpan.FromHours(8);

    private const int CacheLineSize = 0x0c;

    private readonly List<string> _seen = [];

    [Theory]
    [InlineData(SystemSleepState.S2Idle)]
    [InlineData(SystemSleepState.Mem)]
    public void A_driver_without_callbacks_of_sleep_has_its_function_saved_put_to_D3_and_restored(SystemSleepState state)
    {
        Machine machine = WithDriver(new ScriptedDriver(), cutsPower: false);
        PmRuntime.GetNoResume(machine.Nic.RuntimePm);
        machine.Nic.HostConfig.Write(CacheLineSize, [0x40]).Should().Be(1);

        PowerState asleep = SleepAndLook(machine, state);

        asleep.Should().Be(state == SystemSleepState.Mem ? PowerState.D3Cold : PowerState.D3Hot);
        machine.Nic.Should().BeIn(PowerState.D0);
        machine.Nic.Hardware.Configuration.Read(CacheLineSize, 1).Should().Be(0x40u);
        machine.Nic.Hardware.Configuration.Has(PciRegisters.Command, 2, PciRegisters.CommandMaster).Should().BeTrue();
        machine.Nic.Hardware.Faults.Should().BeEmpty();
    }

    [Theory]
    [InlineData("linux-5.10", PowerState.D0)]
    [InlineData("linux-6.1", PowerState.Unknown)]
    [InlineData("linux-6.12", PowerState.D0)]
    [InlineData("linux-7.3", PowerState.Unknown)]
    public void Without_callbacks_at_all_a_function_stays_in_D0_without_being_master_and_is_both_again(string profile, object believed)
    {
        Machine machine = WithDriver(new ScriptedDriver { WithoutPm = true }, profile, cutsPower: false);
        machine.Nic.Sysfs.Write("power/control", "on").Should().Succeed("or from 6.12 on it would sleep afterwards (pci_pm_runtime_idle())");
        PendingCall sleep = machine.Host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));

        machine.Nic.Hardware.PowerState.Should().Be(PowerState.D0);
        machine.Nic.PowerState.Should().Be((PowerState)believed);
        machine.Nic.Hardware.Configuration.Has(PciRegisters.Command, 2, PciRegisters.CommandMaster).Should().BeFalse();

        machine.Host.Clock.Advance(Night);
        sleep.Result.Should().Be(KernelResult.Success);
        machine.Nic.Should().BeIn(PowerState.D0);
        machine.Nic.Hardware.Configuration.Has(PciRegisters.Command, 2, PciRegisters.CommandMaster).Should().BeTrue();
    }

    [Fact]
    public void A_function_that_nobody_has_comes_back_from_S3_as_it_was()
    {
        var machine = new Machine(KernelProfile.Linux6_12);
        uint before = machine.Nic.Hardware.Configuration.Read(PciRegisters.Command, 2);
        machine.Nic.HostConfig.Write(CacheLineSize, [0x40]).Should().Be(1);

        SleepAndLook(machine, SystemSleepState.Mem).Should().Be(PowerState.D3Cold);

        machine.Nic.Hardware.PowerState.Should().Be(PowerState.D0);
        machine.Nic.Hardware.Configuration.Read(PciRegisters.Command, 2).Should().Be(before);
        machine.Nic.Hardware.Configuration.Read(CacheLineSize, 1).Should().Be(0x40u);
    }

    [Fact]
    public void A_drivers_callbacks_find_the_function_where_each_phase_has_it()
    {
        Machine machine = WithDriver(
            new ScriptedDriver { OnSystemSleep = See, Flags = DriverSleepFlags.NoDirectComplete }, cutsPower: false);
        machine.Settle();
        machine.Nic.Should().BeIn(PowerState.D3Hot);

        machine.Host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        _seen.Should().Equal(
            "Prepare D3hot Suspended", "Suspend D0 Active", "SuspendLate D0 Active", "SuspendNoirq D0 Active",
            "ResumeNoirq D0 Active", "ResumeEarly D0 Active", "Resume D0 Active", "Complete D0 Active");
    }

    [Fact]
    public void A_driver_that_leaves_its_suspended_function_alone_is_not_bothered()
    {
        Machine machine = WithDriver(
            new ScriptedDriver { OnSystemSleep = (device, phase) => phase == SleepPhase.Prepare ? See(device, phase, 1) : See(device, phase) },
            cutsPower: false);
        machine.Settle();

        SleepAndLook(machine, SystemSleepState.S2Idle).Should().Be(PowerState.D3Hot);

        _seen.Should().Equal("Prepare D3hot Suspended", "Complete D3hot Suspended");
    }

    [Fact]
    public void A_smart_driver_that_may_skip_the_resume_is_spared_four_phases()
    {
        Machine machine = WithDriver(
            new ScriptedDriver
            {
                OnSystemSleep = See,
                Flags = DriverSleepFlags.SmartPrepare | DriverSleepFlags.SmartSuspend | DriverSleepFlags.MaySkipResume,
            },
            cutsPower: false);
        machine.Settle();

        SleepAndLook(machine, SystemSleepState.S2Idle).Should().Be(PowerState.D3Hot);

        // pci_pm_resume() finds the configuration that runtime PM saved, and restores it: D0, and runtime PM does not know.
        _seen.Should().Equal(
            "Prepare D3hot Suspended", "Suspend D3hot Suspended", "Resume D0 Suspended", "Complete D0 Suspended");
    }

    // pci_pm_prepare(): a driver that says 0 is asked no more only if it asked for that (DPM_FLAG_SMART_PREPARE).
    [Theory]
    [InlineData(DriverSleepFlags.None, 0, false)]
    [InlineData(DriverSleepFlags.SmartPrepare, 0, true)]
    [InlineData(DriverSleepFlags.SmartPrepare, 1, false)]
    public void pci_pm_prepare_takes_a_drivers_0_for_a_no_where_the_driver_means_it(object flags, int answer, bool isWoken)
    {
        Machine machine = WithDriver(
            new ScriptedDriver
            {
                OnSystemSleep = (device, phase) => phase == SleepPhase.Prepare ? See(device, phase, answer) : See(device, phase),
                Flags = (DriverSleepFlags)flags,
            },
            cutsPower: false);
        machine.Settle();

        machine.Host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        _seen.Should().HaveCount(isWoken ? 8 : 2);
    }

    // pci_pm_suspend_noirq(): who is not to wake the machine has to be resumed with it.
    [Theory]
    [InlineData("enabled", 6)]
    [InlineData("disabled", 8)]
    public void A_function_that_could_wake_the_machine_and_is_not_to_does_not_skip_the_resume(string wakeup, int phases)
    {
        Machine machine = WithDriver(
            new ScriptedDriver
            {
                OnSystemSleep = See,
                Flags = DriverSleepFlags.SmartPrepare | DriverSleepFlags.MaySkipResume,
            },
            cutsPower: false,
            image: Machine.WithPme());
        machine.Nic.Sysfs.Write("power/wakeup", wakeup).Should().Succeed();
        machine.Settle();

        machine.Host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        _seen.Should().HaveCount(phases);
    }

    [Fact]
    public void A_driver_that_saves_before_it_changes_the_state_is_not_told_off()
    {
        Machine machine = WithDriver(
            new ScriptedDriver
            {
                OnSystemSleep = static async (device, phase) =>
                {
                    await SaveOnly(device, phase);
                    return phase == SleepPhase.Suspend ? await PciPm.SetPowerState(device, PowerState.D3Hot) : 0;
                },
            },
            cutsPower: false);
        PmRuntime.GetNoResume(machine.Nic.RuntimePm);

        SleepAndLook(machine, SystemSleepState.S2Idle).Should().Be(PowerState.D3Hot);

        machine.Host.Log.Should().NeverSay("State of device not saved");
    }

    [Fact]
    public void A_driver_that_saved_the_configuration_chooses_the_state()
    {
        Machine machine = WithDriver(new ScriptedDriver { OnSystemSleep = SaveOnly }, cutsPower: false);
        PmRuntime.GetNoResume(machine.Nic.RuntimePm);

        SleepAndLook(machine, SystemSleepState.S2Idle).Should().Be(PowerState.D0);

        machine.Port.Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void A_driver_that_changes_the_state_without_saving_is_told_off()
    {
        Machine machine = WithDriver(
            new ScriptedDriver
            {
                OnSystemSleep = static (device, phase) => phase == SleepPhase.Suspend ? PciPm.SetPowerState(device, PowerState.D3Hot) : 0,
            },
            cutsPower: false);
        PmRuntime.GetNoResume(machine.Nic.RuntimePm);

        SleepAndLook(machine, SystemSleepState.S2Idle).Should().Be(PowerState.D3Hot);

        machine.Host.Log.ToString().Should().Contain("PCI PM: State of device not saved by nic");
    }

    [Theory]
    [InlineData(SystemSleepState.S2Idle)]
    [InlineData(SystemSleepState.Mem)]
    public void A_port_keeps_its_power_while_somebody_below_stays_in_D0(SystemSleepState state)
    {
        var machine = WithDriver(new ScriptedDriver { OnSystemSleep = SaveOnly });
        PmRuntime.GetNoResume(machine.Nic.RuntimePm);
        machine.Host.SystemSleep.Test = SleepTest.Platform;
        PendingCall sleep = machine.Host.SystemSleep.BeginSuspend(state);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(2));

        machine.Port.Hardware.PowerState.Should().Be(PowerState.D0);
        machine.Port.PowerState.Should().Be(state == SystemSleepState.Mem ? PowerState.Unknown : PowerState.D0, "the firmware may do what it likes");

        machine.Host.Clock.Advance(TimeSpan.FromSeconds(5));
        sleep.Result.Should().Be(KernelResult.Success);
        machine.Nic.Should().BeIn(PowerState.D0);
    }

    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void A_port_that_sleeps_stays_asleep_on_the_way_to_idle_and_is_woken_on_the_way_to_S3(string profile)
    {
        Machine machine = WithDriver(new ScriptedDriver(), profile);
        machine.Settle();
        machine.Port.Should().BeIn(PowerState.D3Cold);

        Look(SystemSleepState.S2Idle).Should().Be((PowerState.D3Cold, RuntimeStatus.Suspended));
        Look(SystemSleepState.Mem).Should().Be((PowerState.D3Cold, RuntimeStatus.Active));

        (PowerState State, RuntimeStatus Status) Look(SystemSleepState state)
        {
            PendingCall sleep = machine.Host.SystemSleep.BeginSuspend(state, Night);
            machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
            (PowerState, RuntimeStatus) found = (machine.Port.PowerState, machine.Port.RuntimeStatus);
            machine.Host.Clock.Advance(Night);
            sleep.Result.Should().Be(KernelResult.Success);
            machine.Settle();
            machine.Port.Should().BeIn(PowerState.D3Cold, "it went back to sleep by itself");
            machine.Nic.Should().BeIn(PowerState.D3Cold);
            return found;
        }
    }

    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void A_port_that_slept_when_a_sleep_came_to_nothing_is_in_D0_and_runtime_PM_does_not_know(string profile)
    {
        Machine machine = WithDriver(new ScriptedDriver(), profile);
        machine.Settle();
        machine.Host.SystemSleep.Test = SleepTest.Devices;

        machine.Host.SystemSleep.Suspend(SystemSleepState.S2Idle).Should().Be(KernelResult.Success);
        machine.Settle();

        // pci_pm_resume() finds a saved configuration, and restores it.
        machine.Port.Should().BeIn(PowerState.D0);
        machine.Port.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_function_that_S3_reset_behind_runtime_PM_is_resumed()
    {
        Machine machine = WithDriver(
            new ScriptedDriver { OnSystemSleep = (device, phase) => phase == SleepPhase.Prepare ? See(device, phase, 1) : See(device, phase) },
            cutsPower: false);
        machine.Settle();

        machine.Host.SystemSleep.Suspend(SystemSleepState.Mem, Night).Should().Be(KernelResult.Success);
        machine.Nic.RuntimePm.Request.Should().Be(RuntimePmRequest.Resume, "D3hot is what the kernel believes in, and D0 what it found");
        machine.Settle();

        machine.Nic.Should().BeIn(PowerState.D3Hot);
        machine.Nic.Hardware.PowerState.Should().Be(PowerState.D3Hot, "it was woken, and went back to sleep by itself");
    }

    private static PowerState SleepAndLook(Machine machine, SystemSleepState state)
    {
        PendingCall sleep = machine.Host.SystemSleep.BeginSuspend(state, Night);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        machine.Host.SystemSleep.IsAsleep.Should().BeTrue();
        PowerState asleep = machine.Nic.Hardware.PowerState;
        machine.Host.Clock.AdvanceUntil(() => sleep.IsCompleted, Night).Should().BeTrue();
        sleep.Result.Should().Be(KernelResult.Success);
        return asleep;
    }

    private static Machine WithDriver(PciDriver driver, string profile = "linux-6.12", bool cutsPower = true, DeviceImage? image = null)
    {
        var machine = new Machine(KernelProfile.Parse(profile), cutsPower, image: image);
        machine.Host.Drivers.Register(driver);
        machine.Nic.Bind(driver);
        return machine;
    }

    private static async KernelCall<int> SaveOnly(PciDevice device, SleepPhase phase)
    {
        if (phase == SleepPhase.Suspend)
        {
            await PciPm.SaveState(device);
        }

        return 0;
    }

    private KernelCall<int> See(PciDevice device, SleepPhase phase) => See(device, phase, 0);

    private KernelCall<int> See(PciDevice device, SleepPhase phase, int answer)
    {
        _seen.Add($"{phase} {device.PowerState.KernelName} {device.RuntimeStatus}");
        return answer;
    }
}
