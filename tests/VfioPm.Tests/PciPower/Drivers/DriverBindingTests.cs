namespace VfioPm.Tests;

/// <summary>How functions come to drivers and leave them (<c>drivers/base/dd.c</c>, <c>drivers/pci/pci-driver.c</c>).</summary>
public sealed class DriverBindingTests
{
    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void local_pci_probe_gives_the_count_of_a_failed_probe_back_and_nothing_else_that_the_driver_left(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0");
        var driver = new ScriptedDriver
        {
            OnProbe = static async device =>
            {
                await PciPm.Enable(device);
                PciPm.DisableD3Cold(device);
                PmRuntime.GetNoResume(device.RuntimePm);
                return -Errno.ENOMEM;
            },
        };
        host.Drivers.Register(driver);
        nic.TryBind(driver).Should().FailWith(Errno.ENOMEM);
        nic.Driver.Should().BeNull();
        nic.EnableCount.Should().Be(1);
        nic.NoD3Cold.Should().BeTrue();
        nic.UsageCount.Should().Be(2, "one is the administrator's (power/control is on), one leaked");
        host.Log.Should().Say("probe with driver nic failed with error -12");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void call_driver_probe_says_nothing_of_a_driver_that_does_not_want_the_function(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        var driver = new ScriptedDriver { OnProbe = static _ => -Errno.ENODEV };
        host.Drivers.Register(driver);
        nic.TryBind(driver).Should().FailWith(Errno.ENODEV);
        host.Log.Should().NeverSay("failed with error");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_positive_result_of_probe_is_success_with_a_warning(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        var driver = new ScriptedDriver { OnProbe = static _ => 1 };
        host.Drivers.Register(driver);
        nic.TryBind(driver).Should().Succeed();
        host.Log.Should().Say("Driver probe function unexpectedly returned 1");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void driver_attach_offers_what_matches_and_what_comes_later(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice first = host.AddEndpoint("0000:00:05.0");
        var driver = new ScriptedDriver { Ids = static device => device.DeviceId == 0x10d3 };
        host.Drivers.Register(driver);
        first.Driver.Should().Be(driver);
        host.AddEndpoint("0000:00:06.0").Driver.Should().Be(driver);
        host.AddEndpoint("0000:00:07.0", DeviceImages.Nvme).Driver.Should().BeNull();

        host.Drivers.Unregister(driver);
        host.Devices.Should().OnlyContain(device => device.Driver == null);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void device_attach_asks_the_next_driver_when_one_refuses(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        host.Drivers.Register(new ScriptedDriver("first") { Ids = static _ => true, OnProbe = static _ => -Errno.EIO });
        host.Drivers.Register(new ScriptedDriver("second") { Ids = static _ => true });
        host.AddEndpoint("0000:00:05.0").Driver!.Name.Should().Be("second");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_match_device_of_an_override_is_for_that_driver_and_no_other(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        nic.Sysfs.Write("driver_override", "vfio-pci\n").Should().Succeed();
        nic.Sysfs.Read("driver_override").Text.Should().Be("vfio-pci");
        host.Drivers.Register(new ScriptedDriver { Ids = static _ => true });
        nic.Driver.Should().BeNull();
        PciSysfs bus = host.Topology.Sysfs;
        bus.Write("drivers/nic/bind", nic.Name).Should().FailWith(Errno.ENODEV);
        bus.Write("drivers_probe", nic.Name).Should().Succeed();
        nic.Driver.Should().Be(host.VfioPci);

        nic.Sysfs.Write("driver/unbind", nic.Name).Should().Succeed();
        nic.Sysfs.Write("driver_override", "\n").Should().Succeed();
        nic.Sysfs.Read("driver_override").Text.Should().Be("(null)");
        bus.Write("drivers/vfio-pci/bind", nic.Name).Should().FailWith(Errno.ENODEV);
        bus.Write("drivers/nic/bind", nic.Name).Should().Succeed();
        bus.Write("drivers/vfio-pci/unbind", nic.Name).Should().FailWith(Errno.ENODEV);
        bus.Write("drivers/nic/unbind", nic.Name).Should().Succeed();
        nic.Driver.Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void new_id_makes_a_driver_take_what_is_there_and_remove_id_ends_that_for_what_comes(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        PciSysfs bus = host.Topology.Sysfs;
        bus.Write("drivers/vfio-pci/new_id", "8086").Should().FailWith(Errno.EINVAL);
        bus.Write("drivers/vfio-pci/new_id", "8086 10d3\n").Should().Succeed();
        nic.Driver.Should().Be(host.VfioPci);
        bus.Write("drivers/vfio-pci/new_id", "8086 10d3").Should().FailWith(Errno.EEXIST);
        bus.Write("drivers/vfio-pci/remove_id", "8086 10d3").Should().Succeed();
        bus.Write("drivers/vfio-pci/remove_id", "8086 10d3").Should().FailWith(Errno.ENODEV);
        nic.Driver.Should().Be(host.VfioPci);
        host.AddEndpoint("0000:00:06.0").Driver.Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_second_driver_after_vfio_pci_finds_the_function_as_enumeration_left_it(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        VfioPciDevice bound = host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Cold);
        bound.Unbind();

        var driver = new ScriptedDriver();
        host.Drivers.Register(driver);
        nic.Bind(driver);
        nic.Should().BeIn(PowerState.D0).And.HaveUsageCount(0);
        nic.EnableCount.Should().Be(1);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Cold);
        nic.TryBind(host.VfioPci).Should().FailWith(Errno.EBUSY);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void device_unbind_cleanup_sets_a_function_whose_driver_disabled_runtime_PM_to_sleep(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        var driver = new ScriptedDriver { OnRemove = static device => PmRuntime.Disable(device.RuntimePm) };
        host.Drivers.Register(driver);
        nic.Bind(driver);
        nic.Unbind();
        nic.RuntimePm.Status.Should().Be(RuntimeStatus.Suspended);
        nic.RuntimePm.IsEnabled.Should().BeFalse();
    }

    [Fact]
    public void What_no_driver_has_nobody_is_asked_to_give_up()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0");

        nic.TryUnbind().Should().FailWith(Errno.ENODEV);
        nic.Invoking(function => function.Unbind()).Should().Throw<InvalidOperationException>()
            .WithMessage("0000:00:05.0 cannot be unbound: -ENODEV, since no driver has it.");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_device_remove_wakes_nobody_for_a_driver_without_remove(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        var driver = new ScriptedDriver { WithoutRemove = true };
        host.Drivers.Register(driver);
        nic.Bind(driver);
        nic.Unbind();
        nic.UsageCount.Should().Be(0);
        host.Log.Should().Say("usage count underflow");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void sriov_configure_of_a_physical_functions_driver_gives_virtual_functions_to_vfio_pci(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice physical = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme);
        var driver = new ScriptedDriver
        {
            OnProbe = static device => PciPm.Enable(device),
            OnConfigureSriov = static (device, count) => device.Sriov!.ConfigureSimple(Math.Min(count, 1)),
        };
        host.Drivers.Register(driver);
        physical.Bind(driver);
        physical.Sysfs.Write("sriov_numvfs", "2").Should().Succeed();
        host.Log.Should().Say("2 VFs requested; only 1 enabled");
        PciDevice virtualFunction = physical.Sriov!.VirtualFunctions.Should().ContainSingle().Subject;
        virtualFunction.Driver.Should().BeNull();
        host.VfioPci.Bind(virtualFunction).Open().Dispose();

        physical.Unbind();
        host.Log.Should().Say("driver left SR-IOV enabled after remove");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_sriov_set_totalvfs_limits_the_administrator_as_long_as_the_driver_is_there(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice physical = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme);
        var driver = new ScriptedDriver { OnProbe = static device => device.Sriov!.SetTotalVfs(1) };
        host.Drivers.Register(driver);
        physical.Bind(driver);
        physical.Sysfs.Read("sriov_totalvfs").Text.Should().Be("1");
        physical.Sysfs.Write("sriov_numvfs", "2").Should().FailWith(Errno.ERANGE);
        physical.Unbind();
        physical.Sysfs.Read("sriov_totalvfs").Text.Should().Be("2");
    }

    // pci_device_remove() of 6.12: the next driver looks what state it is in.
    [Theory]
    [InlineData("linux-6.12", PowerState.D0, "unknown")]
    [InlineData("linux-6.12", PowerState.D3Hot, "D3hot")]
    [InlineData("linux-6.1", PowerState.D0, "D0")]
    [InlineData("linux-7.3", PowerState.D0, "D0")]
    public void pci_device_remove_forgets_the_state_of_a_function_in_D0(string profile, PowerState state, string expected)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        host.Drivers.Register(new ScriptedDriver
        {
            OnProbe = static device => PciPm.Enable(device),
            OnRemove = async device => await PciPm.SetPowerState(device, state),
        });
        nic.Bind(host.Drivers["nic"]);

        nic.Sysfs.Write("driver/unbind", nic.Name).Should().Succeed();

        nic.Sysfs.Read("power_state").Text.Should().Be(expected);
    }

    // device_unbind_cleanup() after a probe that failed.
    [Fact]
    public void really_probe_forgets_the_data_of_a_driver_that_refuses()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        host.Drivers.Register(new ScriptedDriver
        {
            OnProbe = static device =>
            {
                device.DriverData = new Counter();
                return -Errno.EIO;
            },
        });

        nic.TryBind(host.Drivers["nic"]).Should().FailWith(Errno.EIO);

        nic.DriverData.Should().BeNull();
    }

    // driver_detach(): from the end of its list.
    [Fact]
    public void driver_detach_takes_first_what_the_driver_got_last()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        List<string> removed = [];
        var driver = new ScriptedDriver
        {
            Ids = static _ => true,
            OnRemove = device =>
            {
                removed.Add(device.Name);
                return KernelCall.Returned;
            },
        };
        host.Drivers.Register(driver);
        host.AddEndpoint("0000:00:05.0");
        host.AddEndpoint("0000:00:06.0");

        host.Drivers.Unregister(driver);

        removed.Should().Equal("0000:00:06.0", "0000:00:05.0");
        host.AddEndpoint("0000:00:07.0").Driver.Should().BeNull();
        host.Drivers.Invoking(static drivers => drivers.Register(new ScriptedDriver())).Should().NotThrow("its name is free again");
    }

    [Fact]
    public void What_a_drivers_function_throws_comes_out_of_the_call_when_that_is_over()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        var driver = new ScriptedDriver { OnProbe = static _ => throw new InvalidOperationException("a test's own") };
        host.Drivers.Register(driver);
        Action bind = () => nic.TryBind(driver);
        bind.Should().Throw<InvalidOperationException>().WithMessage("a test's own");
        nic.Driver.Should().BeNull();
        nic.UsageCount.Should().Be(1);
        nic.IsLocked.Should().BeFalse();
    }

    [Fact]
    public void A_driver_of_a_name_that_there_is_and_one_that_is_not_registered_are_refused()
    {
        using var host = new SimulatedHost();
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        FluentActions.Invoking(() => host.Drivers.Register(new ScriptedDriver("vfio-pci")))
            .Should().Throw<ArgumentException>().WithMessage("There is a driver vfio-pci already.*");
        FluentActions.Invoking(() => nic.TryBind(new ScriptedDriver()))
            .Should().Throw<ArgumentException>().WithMessage("The driver nic is not registered with this host.*");
        FluentActions.Invoking(() => host.Drivers.Unregister(host.VfioPci))
            .Should().Throw<ArgumentException>().WithMessage("Nobody registered the driver vfio-pci.*");
        host.AddEndpoint("0000:00:06.0").Invoking(device => device.BeginBind(new ScriptedDriver("other"))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void DriverData_goes_into_a_fork_and_away_with_the_driver()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        var driver = new ScriptedDriver
        {
            OnProbe = static device =>
            {
                device.DriverData = new Counter { Value = 1 };
                return 0;
            },
        };
        host.Drivers.Register(driver);
        nic.Bind(driver);
        using SimulatedHost fork = host.Fork();
        fork.ComputeStateHash().Should().Be(host.ComputeStateHash());
        ((Counter)nic.DriverData!).Value = 2;
        ((Counter)fork["0000:00:05.0"].DriverData!).Value.Should().Be(1);
        fork.ComputeStateHash().Should().NotBe(host.ComputeStateHash());
        nic.Unbind();
        nic.DriverData.Should().BeNull();
    }

    private sealed class Counter : DriverData
    {
        public int Value { get; set; }

        public override DriverData Copy() => new Counter { Value = Value };

        public override void AddTo(ref StateHash hash) => hash.Add(Value);
    }
}
