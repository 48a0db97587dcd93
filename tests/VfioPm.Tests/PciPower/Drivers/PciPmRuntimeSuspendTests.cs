namespace VfioPm.Tests;

/// <summary>
/// What the PCI core does around a driver's callbacks (<c>pci_pm_runtime_suspend()</c>, <c>pci_pm_runtime_resume()</c>,
/// <c>pci_pm_runtime_idle()</c>), and what the driver's own calls change of that.
/// </summary>
public sealed class PciPmRuntimeSuspendTests
{
    private const ushort PmeFromAllStates = 0xf803;

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_driver_without_a_runtime_suspend_has_the_core_put_its_function_to_D3cold(string profile)
    {
        using var machine = new Machine(profile, new ScriptedDriver());
        machine.Nic.Should().BeIn(PowerState.D3Cold);
        machine.Port.Should().BeIn(PowerState.D3Cold);
    }

    // A function without a driver stays in D0, but its port may take its power; pci_pme_restore() is for it, too.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void pci_pm_runtime_suspend_saves_a_function_without_a_driver_and_runtime_resume_restores_it(bool losesPower)
    {
        const int CacheLineSize = 0x0c;
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => _ = losesPower ? setup.WithPowerResource() : setup);
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(PmeFromAllStates));
        nic.Hardware.WriteConfig(CacheLineSize, 1, 0x10);
        nic.Sysfs.Write("power/control", "auto").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
        nic.Hardware.PowerState.Should().Be(losesPower ? PowerState.D3Cold : PowerState.D0);
        nic.Hardware.WriteConfig(nic.Hardware.Pm!.ControlStatusOffset, 2, PmRegisters.PmeEnable);

        nic.RuntimePm.GetSync();

        nic.Hardware.ReadConfig(CacheLineSize, 1).Should().Be(0x10);
        nic.Hardware.Pm.PmeEnabled.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_driver_that_saved_the_configuration_chooses_the_state_and_D0_is_one(string profile)
    {
        using var machine = new Machine(profile, new ScriptedDriver
        {
            OnSuspend = static async device =>
            {
                await PciPm.SaveState(device);
                return 0;
            },
        }, withPower: false);
        machine.Nic.Should().BeIn(PowerState.D0).And.HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_driver_that_changed_the_state_without_saving_keeps_it_and_is_told_off(string profile)
    {
        using var machine = new Machine(profile, new ScriptedDriver
        {
            OnSuspend = static device => PciPm.SetPowerState(device, PowerState.D3Hot),
        }, withPower: false);
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        machine.Host.Log.Should().Say("State of device not saved by nic");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void EBUSY_of_the_callback_is_not_now_and_sticks_to_nobody(string profile)
    {
        using var machine = new Machine(profile, new ScriptedDriver { OnSuspend = static _ => -Errno.EBUSY });
        machine.Nic.Should().BeIn(PowerState.D0).And.HaveRuntimeStatus(RuntimeStatus.Active);
        machine.Nic.RuntimePm.RuntimeError.Should().Be(KernelResult.Success);
        machine.Host.Log.Should().NeverSay("can't suspend");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Another_error_of_the_callback_ends_runtime_PM_and_is_in_the_log(string profile)
    {
        using var machine = new Machine(profile, new ScriptedDriver { OnSuspend = static _ => -Errno.EIO });
        machine.Nic.RuntimePm.RuntimeError.Should().Be((KernelResult)Errno.EIO);
        machine.Host.Log.Should().Say("can't suspend (nic returned -5)");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_d3cold_disable_keeps_the_port_up_and_stays_when_the_driver_goes(string profile)
    {
        var driver = new ScriptedDriver
        {
            OnSuspend = static device =>
            {
                PciPm.DisableD3Cold(device);
                return 0;
            },
        };
        using var machine = new Machine(profile, driver);
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        machine.Port.Should().BeIn(PowerState.D0);

        machine.Nic.Unbind();
        machine.Nic.NoD3Cold.Should().BeTrue("nobody took it back");
        machine.Host.VfioPci.Bind(machine.Nic);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(5));
        machine.Port.Should().BeIn(PowerState.D0, "the driver before left it so");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_callback_that_takes_time_lets_others_in_meanwhile(string profile)
    {
        using var machine = new Machine(profile, new ScriptedDriver
        {
            OnSuspend = static async device =>
            {
                await device.RuntimePm.Core.Kernel.Sleep(TimeSpan.FromMilliseconds(300));
                return 0;
            },
        }, seconds: 0.2);
        machine.Nic.Should().HaveRuntimeStatus(RuntimeStatus.Suspending);
        using SimulatedHost fork = machine.Host.Fork();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(2));
        fork.Clock.Advance(TimeSpan.FromSeconds(2));
        machine.Nic.Should().BeIn(PowerState.D3Cold);
        fork.ComputeStateHash().Should().Be(machine.Host.ComputeStateHash());
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_pm_runtime_idle_asks_the_driver_and_has_no_idea_of_one_without_callbacks(string profile)
    {
        using var busy = new Machine(profile, new ScriptedDriver { OnIdle = static _ => -Errno.EBUSY });
        busy.Nic.Should().HaveRuntimeStatus(RuntimeStatus.Active);
        using var without = new Machine(profile, new ScriptedDriver { WithoutPm = true });
        without.Nic.Should().HaveUsageCount(0)
            .And.HaveRuntimeStatus(profile == "linux-6.1" ? RuntimeStatus.Active : RuntimeStatus.Suspended, "later ones let it sleep");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_pm_runtime_resume_is_in_D0_with_the_registers_back_when_the_driver_is_called(string profile)
    {
        uint command = 0;
        using var machine = new Machine(profile, new ScriptedDriver
        {
            OnResume = device =>
            {
                command = device.Hardware.ReadConfig(PciRegisters.Command, 2);
                return device.PowerState == PowerState.D0 ? 0 : -Errno.EIO;
            },
        });
        machine.Nic.RuntimePm.GetSync().Should().Succeed();
        (command & PciRegisters.CommandMaster).Should().NotBe(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_enable_wake_asks_user_space_first(string profile)
    {
        using var machine = new Machine(profile, Holding());
        ScriptedDriver.Do(machine.Nic, static device => PciPm.EnableWake(device, PowerState.D3Hot, enable: true))
            .Should().FailWith(Errno.EINVAL);
        machine.Nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        ScriptedDriver.Do(machine.Nic, static device => PciPm.WakeFromD3(device, enable: true)).Should().Succeed();
        Pmcsr(machine.Nic).Should().Be(PmRegisters.PmeEnable);
        ScriptedDriver.Do(machine.Nic, static device => PciPm.WakeFromD3(device, enable: false)).Should().Succeed();
        Pmcsr(machine.Nic).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_prepare_to_sleep_goes_as_deep_as_is_allowed_and_pci_back_from_sleep_comes_back(string profile)
    {
        using var machine = new Machine(profile, Holding(), withPower: false);
        machine.Nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        ScriptedDriver.Do(machine.Nic, static device => PciPm.PrepareToSleep(device)).Should().Succeed();
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        Pmcsr(machine.Nic).Should().Be(PmRegisters.PmeEnable);
        ScriptedDriver.Do(machine.Nic, static device => PciPm.BackFromSleep(device)).Should().Succeed();
        machine.Nic.Should().BeIn(PowerState.D0);
        Pmcsr(machine.Nic).Should().Be(0);
    }

    /// <summary>A driver without runtime PM: it keeps the count that probing took.</summary>
    private static ScriptedDriver Holding() => new() { OnProbe = static device => PciPm.Enable(device) };

    private static uint Pmcsr(PciDevice device) =>
        device.Hardware.ReadConfig(device.Hardware.Pm!.ControlStatusOffset, 2) & PmRegisters.PmeEnable;

    /// <summary>A card below a port whose power can be cut, bound to a driver, a while later.</summary>
    private sealed class Machine : IDisposable
    {
        public Machine(string profile, PciDriver driver, double seconds = 2, bool withPower = true)
        {
            Host = new SimulatedHost(KernelProfile.Parse(profile));
            Port = Host.AddRootPort("0000:00:03.0", setup => _ = withPower ? setup.WithPowerResource() : setup);
            Nic = Port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(PmeFromAllStates));
            Host.Drivers.Register(driver);
            Nic.Bind(driver);
            Host.Clock.Advance(TimeSpan.FromSeconds(seconds));
        }

        public SimulatedHost Host { get; }

        public PciDevice Port { get; }

        public PciDevice Nic { get; }

        public void Dispose() => Host.Dispose();
    }
}
