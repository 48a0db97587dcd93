namespace VfioPm.Tests;

/// <summary>Each thing that keeps a function from sleeping is named where it does.</summary>
public sealed class SleepObstacleTests
{
    [Fact]
    public void A_user_who_has_not_asked() => Expect(
        new Machine(KernelProfile.RfcV1).Open().Device.Pci,
        "0000:01:00.0 is held by a usage count of 1 (opened at 0.000 s)",
        "the user of 0000:01:00.0 has not asked for D3hot in PMCSR");

    [Fact]
    public void A_user_who_has_not_permitted_it() => Expect(
        new Machine(KernelProfile.Linux6_1).OpenAndSleep().Device.Pci,
        "the user of 0000:01:00.0 has not permitted low power (VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY)");

    [Fact]
    public void Disable_idle_d3() => Expect(
        new Machine(KernelProfile.RfcV1, disableIdleD3: true).Bind().Pci,
        "vfio-pci was loaded with disable_idle_d3");

    [Fact]
    public void A_kernel_without_runtime_PM_in_vfio_pci() => Expect(
        new Machine(KernelProfile.PreRfc).OpenAndSleep().Device.Pci,
        "the driver vfio-pci takes no part in runtime PM on this kernel");

    [Fact]
    public void No_driver_any_more()
    {
        Machine machine = new(KernelProfile.RfcV1);
        machine.Bind().Unbind();

        Expect(machine.Nic, "power/control of 0000:01:00.0 is \"on\"", "0000:01:00.0 has no driver");
    }

    [Fact]
    public void Firmware_that_cannot_cut_power() => Expect(
        new Machine(KernelProfile.RfcV1, cutsPower: false).OpenAndSleep().Device.Pci,
        "the firmware cannot cut the power of 0000:01:00.0");

    [Fact]
    public void A_sibling_that_is_awake()
    {
        Machine machine = new(KernelProfile.RfcV1);
        machine.Port.AddEndpoint("0000:01:00.1");
        using VfioDeviceFile device = machine.OpenAndSleep();

        Expect(
            machine.Nic,
            "0000:01:00.1 below the port 0000:00:03.0 is Active",
            "0000:01:00.1 has no driver",
            "power/control of 0000:01:00.1 is \"on\"");
    }

    /// <summary>It named the port, and nobody who did anything.</summary>
    [Fact]
    public void A_sibling_that_somebody_opened_comes_with_who_did()
    {
        Machine machine = new(KernelProfile.Linux6_1);
        PciDevice sibling = machine.Port.AddEndpoint("0000:01:00.1");
        using VfioDeviceFile device = machine.Open();
        using VfioDeviceFile other = machine.Host.VfioPci.Bind(sibling).Open();
        device.EnterLowPower().Should().Succeed();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(2));

        Expect(
            machine.Nic,
            "0000:01:00.1 below the port 0000:00:03.0 is Active",
            "0000:01:00.1 is held by a usage count of 1 (opened at 0.048 s)",
            "the user of 0000:01:00.1 has not permitted low power (VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY)");
    }

    /// <summary>A supplier's count says only that there is one.</summary>
    [Fact]
    public void A_consumer_comes_with_who_holds_it()
    {
        var core = new RuntimePmCore();
        _ = new HostTrace(core);
        RuntimePmDevice clock = core.AddDevice("clock");
        RuntimePmDevice camera = core.AddDevice("camera");
        clock.Enable();
        camera.Enable();
        camera.AddSupplier(clock);
        using (core.Clock.Because("streams", "camera"))
        {
            camera.GetSync();
        }

        SleepObstacles.Of(clock).Should().Contain(
            "camera is a consumer of clock, and is Active",
            "camera is held by a usage count of 1 (streams at 0.000 s)");
    }

    [Fact]
    public void A_sibling_that_must_keep_its_power()
    {
        Machine machine = new(KernelProfile.RfcV1);
        machine.Port.AddEndpoint("0000:01:00.1").Sysfs.Write("d3cold_allowed", "0");
        using VfioDeviceFile device = machine.OpenAndSleep();

        Expect(machine.Nic, "the kernel does not let the port 0000:00:03.0 sleep: d3cold_allowed of 0000:01:00.1 is 0");
    }

    [Fact]
    public void A_machine_that_is_too_old()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1, firmware: new Firmware { Year = 2014 });
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());

        Expect(
            port,
            "the kernel does not let the port 0000:00:03.0 sleep: the firmware is of 2014, and ports of machines before 2015 stay awake");
    }

    [Fact]
    public void A_hotplug_slot_that_the_firmware_does_not_vouch_for() => Expect(
        AddHotplugPort(new Firmware()),
        "the kernel does not let the port 0000:00:03.0 sleep: it has a hotplug slot, and no firmware that manages its power and wakes it from D3");

    [Fact]
    public void A_hotplug_slot_that_the_firmware_keeps() => Expect(
        AddHotplugPort(new Firmware { GrantsHotplug = false }),
        "the kernel does not let the port 0000:00:03.0 sleep: it has a hotplug slot that the firmware keeps for itself");

    [Fact]
    public void D3cold_that_the_administrator_forbids()
    {
        Machine machine = new(KernelProfile.RfcV1);
        machine.Nic.Sysfs.Write("d3cold_allowed", "0");
        using VfioDeviceFile device = machine.OpenAndSleep();

        Expect(machine.Nic, "d3cold_allowed of 0000:01:00.0 is 0");
    }

    [Fact]
    public void A_wake_signal_that_needs_power()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice nic = host.AddEndpoint(
            "0000:00:04.0", setup: setup => setup.WithPowerResource().WithWake(PowerState.D3Hot));
        using VfioDeviceFile device = host.VfioPci.Bind(nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        Expect(nic, "0000:00:04.0 is to wake the machine, and the firmware lets it do so from D3hot at most");
    }

    [Fact]
    public void Hardware_that_does_not_take_D3hot()
    {
        Machine machine = new(
            KernelProfile.RfcV1, cutsPower: false, nic: new HardwareBehavior { IgnoresD3Hot = true });
        using VfioDeviceFile device = machine.OpenAndSleep();

        Expect(machine.Nic, "runtime PM takes 0000:01:00.0 for suspended, but its hardware does not take D3hot");
    }

    [Fact]
    public void A_delay_that_is_not_over()
    {
        Machine machine = new(KernelProfile.RfcV1);
        using VfioDeviceFile device = machine.OpenIn(PowerState.D3Hot);

        Expect(machine.Nic, "the suspend timer of 0000:01:00.0 runs out at 1.000 s only");
    }

    [Fact]
    public void Work_that_nobody_let_run()
    {
        var core = new RuntimePmCore();
        RuntimePmDevice camera = core.AddDevice("camera");
        camera.Enable();
        camera.GetSync();
        camera.Put();

        Failure.MessageOf(() => camera.Should().HaveRuntimeStatus(RuntimeStatus.Suspended)).Should().Contain(
            "  camera has work queued on pm_wq, which runs when time is advanced");
    }

    [Fact]
    public void A_put_that_asks_nobody_to_sleep()
    {
        var core = new RuntimePmCore();
        RuntimePmDevice camera = core.AddDevice("camera");
        camera.Enable();
        camera.GetSync();
        camera.PutNoIdle();

        Failure.MessageOf(() => camera.Should().HaveRuntimeStatus(RuntimeStatus.Suspended)).Should().Contain(
            "  nobody has asked camera to sleep since its last user left");
    }

    [Fact]
    public void A_request_for_a_quick_resume()
    {
        var core = new RuntimePmCore();
        RuntimePmDevice camera = core.AddDevice("camera");
        camera.Enable();
        camera.GetSync();
        camera.AddResumeLatencyRequest(0);
        camera.PutSync();

        Failure.MessageOf(() => camera.Should().HaveRuntimeStatus(RuntimeStatus.Suspended)).Should().Contain(
            "  a PM QoS request allows camera no time to resume");
    }

    [Fact]
    public void A_driver_that_does_without_D3cold()
    {
        Machine machine = new(KernelProfile.RfcV1);
        PciPm.DisableD3Cold(machine.Nic);
        using VfioDeviceFile device = machine.OpenAndSleep();

        Expect(machine.Nic, "a driver keeps 0000:01:00.0 from D3cold");
        Expect(machine.Port, "the kernel does not let the port 0000:00:03.0 sleep: a driver keeps 0000:01:00.0 from D3cold");
    }

    [Fact]
    public void A_port_below_that_may_not_sleep()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice root = host.AddRootPort("0000:00:03.0", static port => port.WithPowerResource());
        root.AddUpstreamPort("0000:01:00.0").AddDownstreamPort("0000:02:00.0").AddEndpoint("0000:03:00.0").Sysfs.Write("d3cold_allowed", "0");

        Expect(
            root,
            "the kernel does not let the port 0000:00:03.0 sleep: 0000:01:00.0 below it may not sleep either",
            "the kernel does not let the port 0000:00:03.0 sleep: d3cold_allowed of 0000:03:00.0 is 0");
    }

    [Fact]
    public void A_function_without_power_management()
    {
        Machine machine = new(
            KernelProfile.RfcV1, cutsPower: false, image: DeviceImages.E1000E.WithoutCapability(CapabilityId.PowerManagement));
        machine.Bind();
        machine.Settle();

        Expect(machine.Nic, "runtime PM takes 0000:01:00.0 for suspended, but it has no PM capability, and so no D3hot");
    }

    private static PciDevice AddHotplugPort(Firmware firmware) => new SimulatedHost(KernelProfile.RfcV1, firmware: firmware)
        .AddRootPort("0000:00:03.0", port => port.WithImage(DeviceImages.RootPort.WithHotplugSlot()));

    private static void Expect(PciDevice device, params string[] obstacles)
    {
        string message = Failure.MessageOf(() => device.Should().BeIn(PowerState.D3Cold));
        foreach (string obstacle in obstacles)
        {
            message.Should().Contain($"  {obstacle}");
        }
    }
}
