namespace VfioPm.Tests;

/// <summary>Functions that the administrator has the kernel forget and find again (<c>remove_store()</c>, <c>rescan_store()</c>).</summary>
public sealed class RemoveAndRescanTests
{
    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void remove_store_takes_a_function_in_D3cold_from_its_driver_and_off_the_host(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = Asleep(host, out PciDevice port);
        nic.Sysfs.Write("remove", "x").Should().FailWith(Errno.EINVAL);
        nic.Sysfs.Write("remove", "1").Should().Succeed();
        host.Devices.Should().Equal(port);
        host.VfioPci.Devices.Should().BeEmpty();
        port.RuntimePm.ChildCount.Should().Be(0);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold, "nobody below minds any more");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_rescan_bus_wakes_the_port_and_finds_the_function_as_it_comes_up(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = Asleep(host, out PciDevice port);
        nic.Sysfs.Write("remove", "1").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        host.Topology.Sysfs.Write("rescan", "1").Should().Succeed();

        PciDevice again = host["0000:01:00.0"];
        again.Should().NotBeSameAs(nic);
        again.Hardware.Should().BeSameAs(nic.Hardware);
        again.Driver.Should().BeNull();
        again.Upstream.Should().Be(port);
        host.VfioPci.Bind(again).Open().Dispose();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        again.Should().BeIn(PowerState.D3Cold);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_function_that_lost_its_power_meanwhile_has_its_BARs_again(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = Asleep(host, out _);
        nic.Sysfs.Write("remove", "1").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Hardware.Should().BeIn(PowerState.D3Cold);
        host.Topology.Sysfs.Write("rescan", "1").Should().Succeed();

        PciDevice again = host["0000:01:00.0"];
        again.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4).Should().NotBe(0);
        using VfioDeviceFile device = host.VfioPci.Bind(again).Open();
        device.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        device.Read(0, 0, new byte[4]).Should().Be(new KernelResult(4));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_removed_port_comes_back_with_its_driver_and_all_below(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        Asleep(host, out PciDevice port);
        port.Sysfs.Write("remove", "1").Should().Succeed();
        host.Devices.Should().BeEmpty();
        host.Topology.Sysfs.Write("rescan", "1").Should().Succeed();
        host.Devices.Select(device => device.Name).Should().Equal("0000:00:03.0", "0000:01:00.0");
        host["0000:00:03.0"].Driver!.Name.Should().Be("pcieport");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_driver_that_matches_gets_what_a_rescan_finds(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        nic.Sysfs.Write("remove", "1").Should().Succeed();
        host.Drivers.Register(new ScriptedDriver { Ids = static device => device.DeviceId == 0x10d3 });
        port.Sysfs.Write("rescan", "1").Should().Succeed();
        host["0000:01:00.0"].Driver!.Name.Should().Be("nic");
    }

    /// <summary>Where threads give way, the port is asked whether it is idle before pci_bridge_d3_update() comes to it.</summary>
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    public void A_port_that_may_not_sleep_yet_is_asked_while_its_last_function_goes(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = Asleep(host, out PciDevice port);
        nic.Sysfs.Write("d3cold_allowed", "0").Should().Succeed();
        nic.Sysfs.Write("remove", "1").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(10));

        port.Should().BeIn(PowerState.D0).And.HaveUsageCount(0);
        port.RuntimePm.ChildCount.Should().Be(0);
        port.Sysfs.Write("power/control", "on").Should().Succeed();
        port.Sysfs.Write("power/control", "auto").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);
    }

    /// <summary>It was forgotten twice, and so found twice at one address.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Of_two_who_remove_a_port_one_does(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        Asleep(host, out PciDevice port);
        PendingCall[] both = [port.Sysfs.BeginWrite("remove", "1"), port.Sysfs.BeginWrite("remove", "1")];
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        both.Should().OnlyContain(static one => one.Result == KernelResult.Success);

        host.Topology.Sysfs.Write("rescan", "1").Should().Succeed();

        host.Devices.Select(static device => device.Name).Should().Equal("0000:00:03.0", "0000:01:00.0");
    }

    /// <summary>A deadlock of the kernel's: dev_rescan_store() waits for pci_rescan_remove_lock, whose holder waits for it to return.</summary>
    [Fact]
    public void Who_looks_for_functions_beside_one_that_is_removed_meanwhile_waits_for_ever()
    {
        using SimulatedHost host = StandardTopology.Parse("sw-cold").Make(KernelProfile.Linux7_3);
        PendingCall removal = host["0000:01:00.0"].Sysfs.BeginWrite("remove", "1");
        PendingCall search = host["0000:02:00.0"].Sysfs.BeginWrite("rescan", "1");
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        removal.WaitsFor.Should().Be("kn->active of 0000:02:00.0");
        search.WaitsFor.Should().Be("pci_rescan_remove_lock of the host");
        host.Clock.IsAnythingComing.Should().BeFalse();
    }

    /// <summary>kernfs_drain(): the function was gone while somebody read its registers.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Who_is_in_a_file_of_a_function_keeps_its_removal_waiting(string profile)
    {
        using SimulatedHost host = MakeUnbound(profile, out PciDevice nic);
        PendingCall reading = nic.HostConfig.BeginRead(0, new UserMemory(64));
        host.Kernel.Scheduler = StockScheduler.Instance;
        PendingCall removal = nic.Sysfs.BeginWrite("remove", "1");

        removal.WaitsFor.Should().Be("kn->active of 0000:01:00.0");
        nic.Sysfs.Read("power/control").Should().FailWith(Errno.ENOENT, "nobody gets in any more");
        nic.HostConfig.Read(0, new byte[4]).Should().FailWith(Errno.ENOENT);
        nic.HostConfig.Write(0, new byte[4]).Should().FailWith(Errno.ENOENT);
        host.Clock.RunPending();

        reading.Result.Should().Be(new KernelResult(64));
        removal.Result.Should().Be(KernelResult.Success);
        host.Devices.Should().ContainSingle();
    }

    /// <summary>bus_remove_device() comes before pci_bus_sem: they waited for the lock of a function that nobody had any more.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_function_is_neither_in_sysfs_nor_on_the_bus_before_the_tree_forgets_it(string profile)
    {
        using SimulatedHost host = MakeUnbound(profile, out PciDevice nic);
        nic.Sysfs.BeginWrite("remove", "1");
        while (nic.RuntimePm.IsEnabled)
        {
            host.Clock.RunNext(0);
        }

        nic.Upstream!.Sysfs.BeginWrite("reset_subordinate", "1");
        PendingCall[] others =
        [
            nic.Sysfs.BeginWrite("power/control", "auto"),
            nic.Sysfs.BeginWrite("reset", "1"),
            host.Topology.Sysfs.BeginWrite("drivers_probe", nic.Name),
            host.Topology.Sysfs.BeginWrite("drivers/vfio-pci/new_id", "8086 10d3"),
        ];
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        host.Devices.Should().ContainSingle();
        others.Select(static one => one.Result?.Value).Should().Equal(-(int)Errno.ENOENT, -(int)Errno.ENOENT, -(int)Errno.ENODEV, 0);
    }

    /// <summary>device_del() releases the driver once more (bus_remove_device()): vfio-pci kept one that there was not any more.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_function_that_is_bound_while_it_is_removed_is_taken_from_its_driver_again(string profile)
    {
        using SimulatedHost host = StandardTopology.Parse("f").Make(KernelProfile.Parse(profile));
        PciDevice nic = host["0000:01:00.0"];
        PendingCall removal = nic.Upstream!.Sysfs.BeginWrite("remove", "1");
        while (nic.Driver is not null)
        {
            host.Clock.RunNext(0);
        }

        PendingCall binding = host.VfioPci.BeginBind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        (removal.IsCompleted && binding.IsCompleted).Should().BeTrue();
        host.Devices.Should().BeEmpty();
        host.VfioPci.Devices.Should().BeEmpty();
        nic.Driver.Should().BeNull();
        host.VfioPci.TryBind(nic).Should().FailWith(Errno.ENODEV);
    }

    /// <summary>It was looked for again after the wait, and was the first of none.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_function_may_be_removed_while_its_port_waits_for_it(string profile)
    {
        using SimulatedHost host = StandardTopology.Parse("c-cold").Make(KernelProfile.Parse(profile));
        PciDevice port = host["0000:00:03.0"];
        host.VfioPci.Devices[0].Unbind();
        host["0000:01:00.0"].Sysfs.Write("power/control", "auto").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);
        PendingCall resume = port.RuntimePm.BeginResume();
        host["0000:01:00.0"].Sysfs.BeginWrite("remove", "1");
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        resume.Result.Should().Be(KernelResult.Success);
        host.Devices.Should().Equal(port);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_function_that_does_not_answer_is_not_found(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0");
        nic.Sysfs.Write("remove", "1").Should().Succeed();
        nic.Hardware.SetPower(false);
        host.Topology.Sysfs.Write("rescan", "1").Should().Succeed();
        host.Devices.Should().ContainSingle();
    }

    [Fact]
    public void What_was_removed_is_in_the_hash_and_in_a_fork()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        Asleep(host, out PciDevice port).Sysfs.Write("remove", "1").Should().Succeed();
        using SimulatedHost fork = host.Fork();
        fork.ComputeStateHash().Should().Be(host.ComputeStateHash());
        fork.Topology.Sysfs.Write("rescan", "1").Should().Succeed();
        fork.Devices.Should().HaveCount(2);
        host.Devices.Should().Equal(port);
        host.Topology.Sysfs.Write("rescan", "1").Should().Succeed();
        fork.ComputeStateHash().Should().Be(host.ComputeStateHash());
    }

    [Fact]
    public void What_the_firmware_has_for_a_function_that_was_removed_is_in_a_fork()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", setup: static setup => setup.WithPowerResource());
        nic.Sysfs.Write("remove", "1").Should().Succeed();
        using SimulatedHost fork = host.Fork();

        fork.Topology.Sysfs.Write("rescan", "1").Should().Succeed();

        fork["0000:01:00.0"].Platform.Should().NotBeNull();
    }

    /// <summary>pci_bus_match(): it was bound before its runtime PM began (pci_bus_add_device() of 7.3), and was never asked to sleep.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_function_cannot_be_bound_before_it_is_complete(string profile)
    {
        using SimulatedHost host = StandardTopology.Parse("g-cold").Make(KernelProfile.Parse(profile));
        host["0000:01:00.0"].Sysfs.Write("remove", "1").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        PendingCall rescan = host.Topology.Sysfs.BeginWrite("rescan", "1");
        PciDevice? found = null;
        while (!rescan.IsCompleted)
        {
            host.Clock.RunNext(0);
            found = host.Topology.Find(PciAddress.Parse("0000:01:00.0"));
            if (found is not null && !rescan.IsCompleted)
            {
                host.VfioPci.TryBind(found).Should().FailWith(Errno.ENODEV);
                break;
            }
        }

        host.Clock.Advance(TimeSpan.FromSeconds(3));
        host.VfioPci.TryBind(found!).Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        found.Should().BeIn(PowerState.D3Cold);
    }

    /// <summary>Those that were removed while one took its time were looked for behind the end.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void The_machine_goes_down_while_functions_are_removed(string profile)
    {
        using SimulatedHost host = MakeThree(profile, out ScriptedDriver driver);
        Remove(host, "0000:01:00.0", "0000:01:00.1");

        host.Topology.Shutdown();

        host.Devices.Should().HaveCount(2);
        host["0000:00:03.0"].UsageCount.Should().Be(3, "it was told once, and its driver holds it twice");
        host["0000:01:00.2"].Driver.Should().Be(driver);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_driver_goes_while_functions_of_its_are_removed(string profile)
    {
        using SimulatedHost host = MakeThree(profile, out ScriptedDriver driver);
        Remove(host, "0000:01:00.0", "0000:01:00.1");

        host.Drivers.Unregister(driver);

        host.Devices.Should().HaveCount(2);
        host["0000:01:00.2"].Driver.Should().BeNull();
    }

    /// <summary>Those behind moved up, and one was not asked.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_driver_is_offered_all_functions_while_some_are_removed(string profile)
    {
        using SimulatedHost host = MakeThree(profile, out _);
        var driver = new ScriptedDriver("other")
        {
            Ids = static device => !device.IsBridge,
            OnProbe = static async device =>
            {
                await device.Kernel.Sleep(TimeSpan.FromSeconds(5));
                return await ScriptedDriver.EnableAndAllow(device);
            },
        };
        host["0000:01:00.1"].Unbind();
        host["0000:01:00.2"].Unbind();
        Remove(host, "0000:01:00.0");

        host.Drivers.Register(driver);

        host.Devices.Select(static device => device.Driver?.Name).Should().Equal("pcieport", "other", "other");
    }

    private static void Remove(SimulatedHost host, params ReadOnlySpan<string> functions)
    {
        foreach (string function in functions)
        {
            host[function].Sysfs.BeginWrite("remove", "1").IsCompleted.Should().BeFalse();
        }
    }

    /// <summary>A card of three functions, whose driver takes a second for each but ten for the last.</summary>
    private static SimulatedHost MakeThree(string profile, out ScriptedDriver driver)
    {
        driver = new ScriptedDriver { Ids = static device => !device.IsBridge, OnRemove = TakeTime, OnShutdown = TakeTime };
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        port.AddEndpoint("0000:01:00.0");
        port.AddEndpoint("0000:01:00.1");
        port.AddEndpoint("0000:01:00.2");
        host.Drivers.Register(driver);
        return host;

        static async KernelCall TakeTime(PciDevice device) =>
            await device.Kernel.Sleep(TimeSpan.FromSeconds(device.Address.Function == 2 ? 10 : 1));
    }

    /// <summary>A function that no driver has, on a host on which a test decides who goes on.</summary>
    private static SimulatedHost MakeUnbound(string profile, out PciDevice nic)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0");
        host.Kernel.Scheduler = new PreemptsEverywhere();
        return host;
    }

    private static PciDevice Asleep(SimulatedHost host, out PciDevice port)
    {
        port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Cold);
        return nic;
    }
}
