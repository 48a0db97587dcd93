namespace VfioPm.Tests;

/// <summary>Who prepares a function to wake the machine, and who takes that back (<c>__pci_enable_wake()</c>).</summary>
public sealed class EnableWakeTests
{
    private const ushort PmeFromD0 = 0x0803;
    private const ushort PmeFromD3Hot = 0x4003;
    private const ushort PmeFromD3Cold = 0x8003;
    private const ushort PmeFromAll = 0xf803;

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_finish_runtime_suspend_takes_back_what_it_prepared_where_the_function_did_not_go(string profile)
    {
        using var machine = new Machine(profile, PmeFromAll, new ScriptedDriver());
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(3));
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        machine.Asked.Should().Be("prepared, firmware asked 1 times, polled");

        using var dead = new Machine(profile, PmeFromAll, new ScriptedDriver { OnSuspend = Die });
        dead.Host.Clock.Advance(TimeSpan.FromSeconds(3));
        dead.Nic.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        dead.Asked.Should().Be("not prepared, firmware asked 0 times, not polled");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_prepare_to_sleep_takes_back_what_it_prepared_where_the_function_did_not_go(string profile)
    {
        using var machine = new Machine(profile, PmeFromAll, Holding());
        machine.Nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        Do(machine, PciPm.PrepareToSleep).Should().Succeed();
        machine.Asked.Should().Be("prepared, firmware asked 1 times, polled");
        Do(machine, PciPm.BackFromSleep).Should().Succeed();
        machine.Asked.Should().Be("not prepared, firmware asked 0 times, not polled");

        Die(machine.Nic);
        Do(machine, PciPm.PrepareToSleep).Should().FailWith(Errno.EIO);

        machine.Asked.Should().Be("not prepared, firmware asked 0 times, not polled");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_prepare_to_sleep_prepares_nobody_whom_user_space_does_not_want_to_wake_it(string profile)
    {
        using var machine = new Machine(profile, PmeFromAll, Holding());

        Do(machine, PciPm.PrepareToSleep).Should().Succeed();

        machine.Nic.Should().BeIn(PowerState.D3Hot);
        machine.Asked.Should().Be("not prepared, firmware asked 0 times, not polled");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_enable_wake_does_nothing_twice(string profile)
    {
        using var machine = new Machine(profile, PmeFromAll, Holding());
        machine.Nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();

        Wake(machine, PowerState.D3Hot, enable: true).Should().Succeed();
        Wake(machine, PowerState.D3Hot, enable: true).Should().Succeed();
        machine.Asked.Should().Be("prepared, firmware asked 1 times, polled");
        Wake(machine, PowerState.D3Hot, enable: false).Should().Succeed();
        machine.Asked.Should().Be("not prepared, firmware asked 0 times, not polled");
    }

    // It may end up in D3cold, whatever state it is put in, when a bridge above loses its power.
    [Theory]
    [InlineData(PmeFromD3Hot, PowerState.D3Hot, true)]
    [InlineData(PmeFromD3Cold, PowerState.D3Hot, true)]
    [InlineData(PmeFromD0, PowerState.D3Hot, false)]
    [InlineData(PmeFromD0, PowerState.D0, true)]
    [InlineData(PmeFromD3Hot, PowerState.D3Cold, false)]
    [InlineData(0x0003, PowerState.D3Hot, false)]
    public void pci_enable_wake_lets_a_function_assert_PME_that_can_from_the_state_or_from_D3cold_and_asks_the_firmware_anyway(
        int capabilities, PowerState state, bool asserts)
    {
        using var machine = new Machine("linux-7.3", (ushort)capabilities, Holding());
        machine.Nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();

        Wake(machine, state, enable: true).Should().Succeed();

        machine.AssertsPme.Should().Be(asserts);
        machine.Nic.Wakeup.IsPrepared.Should().BeTrue();
        machine.Port.Platform!.WakeCount.Should().Be(1);
    }

    [Theory]
    [InlineData(PmeFromD3Hot, true)]
    [InlineData(PmeFromD3Cold, true)]
    [InlineData(PmeFromD0, false)]
    public void pci_wake_from_d3_is_for_the_deepest_state_from_which_the_function_can_wake(int capabilities, bool asserts)
    {
        using var machine = new Machine("linux-7.3", (ushort)capabilities, Holding());
        machine.Nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();

        Do(machine, static device => PciPm.WakeFromD3(device, enable: true)).Should().Succeed();

        machine.AssertsPme.Should().Be(asserts);
    }

    // pci_target_state(): one that can wake from D0 alone stays there, and is prepared (pci_dev_run_wake()).
    [Theory]
    [InlineData(PmeFromD0, PowerState.D0)]
    [InlineData(PmeFromD0 | PmeFromD3Hot, PowerState.D3Hot)]
    [InlineData(PmeFromD3Hot, PowerState.D3Hot)]
    public void A_function_that_runtime_PM_suspends_stays_where_it_can_ask_to_be_woken(int capabilities, PowerState state)
    {
        using var machine = new Machine("linux-7.3", (ushort)capabilities, new ScriptedDriver());
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));

        machine.Nic.Should().HaveRuntimeStatus(RuntimeStatus.Suspended).And.BeIn(state);
        machine.AssertsPme.Should().BeTrue();
        machine.Nic.Wakeup.IsPrepared.Should().BeTrue();
    }

    // pci_power_manageable(): what it would signal for those below is set up with those.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_enable_wake_does_nothing_for_a_bridge_that_may_not_sleep(string profile)
    {
        using var machine = new Machine(profile, PmeFromAll, Holding());
        machine.Port.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();

        ScriptedDriver.Do(machine.Port, static port => PciPm.EnableWake(port, PowerState.D3Hot, enable: true)).Should().Succeed();

        machine.Port.Wakeup.IsPrepared.Should().BeFalse();
        machine.Port.Platform!.WakeCount.Should().Be(0);
    }

    // pci_stop_dev(): pci_pme_active(false), whoever left it on.
    // pci_target_state(): who is not to wake, or cannot, goes to D3hot.
    [Theory]
    [InlineData(PmeFromD0, "disabled", PowerState.D3Hot)]
    [InlineData(PmeFromD0, "enabled", PowerState.D0)]
    [InlineData(PmeFromD3Hot, "enabled", PowerState.D3Hot)]
    public void pci_target_state_is_one_from_which_a_function_can_wake_only_if_it_is_to(int capabilities, string wakeup, PowerState expected)
    {
        using var machine = new Machine("linux-6.12", (ushort)capabilities, Holding());
        machine.Nic.Sysfs.Write("power/wakeup", wakeup).Should().Succeed();

        Do(machine, PciPm.PrepareToSleep).Should().Succeed();

        machine.Nic.Should().BeIn(expected);
    }

    // pci_check_pme_status(): the status is cleared by writing it, and whoever may not assert PME# has not asked.
    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0, PmRegisters.PmeEnable, false)]
    [InlineData(PmRegisters.PmeStatus, 0, false)]
    [InlineData(PmRegisters.PmeStatus, PmRegisters.PmeEnable, true)]
    public void pci_check_pme_status_takes_a_PME_back_and_says_whether_it_was_one(int status, int enable, bool expected)
    {
        using var machine = new Machine("linux-6.12", PmeFromAll, Holding());
        int pmcsr = machine.Nic.Hardware.Pm!.ControlStatusOffset;
        machine.Nic.Hardware.WriteConfig(pmcsr, 2, (uint)enable);
        if (status != 0)
        {
            machine.Nic.Hardware.AssertPme();
        }

        ScriptedDriver.Do(machine.Nic, static async device => await PciPm.TakePme(device) ? 1 : 0).Value.Should().Be(expected ? 1 : 0);

        machine.Nic.Hardware.ReadConfig(pmcsr, 2).Should().Be(status != 0 ? 0 : (uint)enable);
    }

    // pci_pme_restore() after pci_restore_standard_config(): PME is on where the function is to wake, and off else, whatever happened meanwhile.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void pci_pme_restore_sets_PME_as_it_was_to_be(bool isSetBehindTheKernel)
    {
        using var machine = new Machine("linux-6.12", PmeFromAll, new ScriptedDriver());
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(3));
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        int pmcsr = machine.Nic.Hardware.Pm!.ControlStatusOffset;
        uint state = machine.Nic.Hardware.ReadConfig(pmcsr, 2) & PmRegisters.StateMask;
        machine.Nic.Hardware.WriteConfig(pmcsr, 2, state | (isSetBehindTheKernel ? PmRegisters.PmeEnable : 0u));

        machine.Nic.RuntimePm.GetSync();

        machine.Nic.Hardware.ReadConfig(pmcsr, 2).Should().Be(0, "it is awake, and need not wake any more");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_function_that_is_removed_asserts_PME_no_more_and_is_not_looked_at(string profile)
    {
        var driver = new ScriptedDriver
        {
            OnProbe = static async device =>
            {
                await PciPm.Enable(device);
                await PciPm.SetPmeActive(device, true);
                return 0;
            },
        };
        using var machine = new Machine(profile, PmeFromAll, driver);
        machine.AssertsPme.Should().BeTrue();

        machine.Nic.Sysfs.Write("remove", "1").Should().Succeed();

        machine.AssertsPme.Should().BeFalse();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(2));
        machine.Host.Clock.Pending.Should().BeEmpty();
    }

    /// <summary>A driver without runtime PM: it keeps the count that probing took.</summary>
    private static ScriptedDriver Holding() => new() { OnProbe = static device => PciPm.Enable(device) };

    private static KernelCall<int> Die(PciDevice device)
    {
        device.Hardware.SetPower(false);
        return 0;
    }

    private static KernelResult Wake(Machine machine, PowerState state, bool enable) =>
        Do(machine, device => PciPm.EnableWake(device, state, enable));

    private static KernelResult Do(Machine machine, Func<PciDevice, KernelCall<int>> function) => ScriptedDriver.Do(machine.Nic, function);

    /// <summary>A card below a port that stays awake, and whose wake signal the firmware hears.</summary>
    private sealed class Machine : IDisposable
    {
        public Machine(string profile, ushort capabilities, PciDriver driver)
        {
            Host = new SimulatedHost(KernelProfile.Parse(profile), firmware: new Firmware { Year = 2014 });
            Port = Host.AddRootPort("0000:00:03.0", static setup => setup.WithPowerResource().WithWake());
            Nic = Port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(capabilities));
            Host.Drivers.Register(driver);
            Nic.Bind(driver);
        }

        public SimulatedHost Host { get; }

        public PciDevice Port { get; }

        public PciDevice Nic { get; }

        public bool AssertsPme => (Nic.Hardware.ReadConfig(Nic.Hardware.Pm!.ControlStatusOffset, 2) & PmRegisters.PmeEnable) != 0;

        /// <summary>What was prepared for the card.</summary>
        public string Asked
        {
            get
            {
                string prepared = Nic.Wakeup.IsPrepared ? "prepared" : "not prepared";
                return $"{prepared}, firmware asked {Port.Platform!.WakeCount} times, {(IsPolled ? "polled" : "not polled")}";
            }
        }

        /// <summary>A scan that finds nobody on its list is the last.</summary>
        private bool IsPolled
        {
            get
            {
                using SimulatedHost later = Host.Fork();
                later.Clock.Advance(TimeSpan.FromSeconds(3));
                return later.Clock.Pending.Any(static pending => pending.What == "PME poll");
            }
        }

        public void Dispose() => Host.Dispose();
    }
}
