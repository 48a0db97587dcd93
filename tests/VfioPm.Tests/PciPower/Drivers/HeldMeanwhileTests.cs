namespace VfioPm.Tests;

/// <summary>Who is held awake, and whose timers end, while a driver gets a function or gives it up (<c>drivers/base/dd.c</c>).</summary>
public sealed class HeldMeanwhileTests
{
    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    // __driver_probe_device(): pm_runtime_get_suppliers(), and the bridge above.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Suppliers_and_the_bridge_above_are_awake_while_a_driver_probes_and_not_held_afterwards(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        RuntimePmDevice clock = host.RuntimePm.AddDevice("clock");
        clock.Enable();
        nic.RuntimePm.AddSupplier(clock);
        nic.Sysfs.Write("power/control", "auto").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        clock.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        (RuntimeStatus Status, int Count) clockThen = default, portThen = default;
        var driver = new ScriptedDriver
        {
            OnProbe = _ =>
            {
                clockThen = (clock.Status, clock.UsageCount);
                portThen = (port.RuntimePm.Status, port.UsageCount);
                return -Errno.ENODEV;
            },
        };
        host.Drivers.Register(driver);

        nic.TryBind(driver).Should().FailWith(Errno.ENODEV);

        clockThen.Status.Should().Be(RuntimeStatus.Active);
        clockThen.Count.Should().BeGreaterThan(0);
        portThen.Status.Should().Be(RuntimeStatus.Active);
        portThen.Count.Should().BeGreaterThan(0);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        clock.UsageCount.Should().Be(0);
        port.UsageCount.Should().Be(0);
        clock.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    // device_shutdown(): pm_runtime_barrier() ends what was to happen.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void device_shutdown_ends_the_autosuspend_timer_of_a_function(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        var driver = new ScriptedDriver { OnProbe = EnableAutosuspend };
        host.Drivers.Register(driver);
        nic.Bind(driver);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.Clock.Pending.Should().NotBeEmpty();

        host.Topology.Shutdown();

        host.Clock.Pending.Should().BeEmpty();
        nic.Should().HaveRuntimeStatus(RuntimeStatus.Active).And.HaveUsageCount(1);
    }

    // driver_probe_device(): pm_runtime_barrier(), before the driver sees the function.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void What_was_asked_of_a_function_is_done_or_dropped_before_a_driver_sees_it(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        RuntimePmRequest? then = null;
        var driver = new ScriptedDriver
        {
            OnProbe = device =>
            {
                then = device.RuntimePm.Request;
                return 0;
            },
        };
        host.Drivers.Register(driver);
        nic.RuntimePm.Core.Kernel.Should().NotBeNull();
        ScriptedDriver.Do(nic, static async device =>
        {
            await PmRuntime.RequestIdle(device.RuntimePm);
            return 0;
        }).Should().Succeed();

        nic.Bind(driver);

        then.Should().Be(RuntimePmRequest.None);
    }

    private static async KernelCall<int> EnableAutosuspend(PciDevice device)
    {
        RuntimePmDevice runtime = device.RuntimePm;
        await PciPm.Enable(device);
        await PmRuntime.SetAutosuspendDelay(runtime, 3000);
        await PmRuntime.UseAutosuspend(runtime, true);
        runtime.MarkBusy();
        await PmRuntime.PutAutosuspend(runtime);
        await PmRuntime.Allow(runtime);
        return 0;
    }
}
