namespace VfioPm.Tests.RuntimePm;

// pm_runtime_remove(), as device_del() calls it.
public sealed class RemoveDeviceTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void A_device_of_another_subsystem_is_refused()
    {
        RuntimePmDevice device = _core.AddDevice("nic");
        RuntimePmCore fork = _core.Fork();

        fork.Invoking(other => other.RemoveDevice(device)).Should().Throw<ArgumentException>().WithMessage("nic belongs to another subsystem.*");

        _core.Devices.Should().Equal(device);
        fork.Devices.Should().ContainSingle();
    }

    [Fact]
    public void The_parent_has_a_child_less_and_may_sleep()
    {
        (RuntimePmDevice parent, RuntimePmDevice child) = Family();

        _core.RemoveDevice(child);
        _core.FlushWork();

        parent.ChildCount.Should().Be(0);
        parent.Status.Should().Be(RuntimeStatus.Suspended);
        _core.Devices.Should().Equal(parent);
    }

    [Fact]
    public void What_is_pending_for_it_is_given_up()
    {
        (_, RuntimePmDevice child) = Family();
        child.ScheduleSuspend(50);
        child.RequestIdle();

        _core.RemoveDevice(child);

        _core.Clock.Pending.Should().NotContain(pending => pending.What.Contains(child.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_resume_that_is_pending_is_not_carried_out()
    {
        RuntimePmDevice nic = _core.AddSuspended("nic", callbacks: Rpm.Resuming(Errno.EIO));
        nic.RequestResume();

        _core.RemoveDevice(nic);

        nic.RuntimeError.Should().Be(KernelResult.Success);
    }

    /// <summary>The worker is preempted by who waits for the device, and has yet to let the supplier sleep.</summary>
    [Fact]
    public void It_goes_when_the_worker_that_suspends_it_is_through()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux7_3);
        RuntimePmDevice clock = core.AddSuspended("clock");
        RuntimePmDevice nic = core.AddSuspended("nic", callbacks: Rpm.Slow(suspend: 10));
        nic.AddSupplier(clock);
        nic.Resume();
        core.Clock.RunPending();
        nic.Status.Should().Be(RuntimeStatus.Suspending);

        core.RemoveDevice(nic);

        core.Clock.RunPending();
        clock.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspended, UsageCount = 0 });
        core.Devices.Should().Equal(clock);
    }

    [Fact]
    public void A_device_that_others_need_stays()
    {
        (RuntimePmDevice parent, _) = Family();

        Action action = () => _core.RemoveDevice(parent);

        action.Should().Throw<InvalidOperationException>().WithMessage("Other devices depend on parent*");
        _core.Devices.Should().HaveCount(2);
    }

    [Fact]
    public void The_next_device_has_a_number_of_its_own()
    {
        (RuntimePmDevice parent, RuntimePmDevice child) = Family();
        RuntimePmDevice sibling = _core.AddDevice("sibling", parent);

        _core.RemoveDevice(child);

        _core.AddDevice("later", parent).Index.Should().BeGreaterThan(sibling.Index);
    }

    /// <summary>Rules remember functions by it, and what they remember of one that is gone is not the next one's.</summary>
    [Fact]
    public void Also_after_the_last_device_has_gone_and_in_a_fork()
    {
        (RuntimePmDevice parent, RuntimePmDevice child) = Family();
        _core.RemoveDevice(child);
        RuntimePmCore fork = _core.Fork();

        _core.AddDevice("later", parent).Index.Should().BeGreaterThan(child.Index);
        fork.AddDevice("later").Index.Should().BeGreaterThan(child.Index);
    }

    /// <summary>The next one has another number.</summary>
    [Fact]
    public void That_there_was_one_more_device_is_state()
    {
        RuntimePmCore other = new();
        other.RemoveDevice(other.AddDevice("gone"));

        HashOf(other).Should().NotBe(HashOf(_core));

        static ulong HashOf(RuntimePmCore core) => StateHashes.Of(core.AddTo);
    }

    private (RuntimePmDevice Parent, RuntimePmDevice Child) Family()
    {
        RuntimePmDevice parent = Active("parent", null);
        return (parent, Active("child", parent));
    }

    private RuntimePmDevice Active(string name, RuntimePmDevice? parent)
    {
        RuntimePmDevice device = _core.AddDevice(name, parent);
        device.SetActive();
        device.Enable();
        return device;
    }

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    // An irq-safe device holds its parent for as long as it is there.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void pm_runtime_reinit_gives_the_parent_of_an_irq_safe_device_its_count_back(string profile)
    {
        var core = new RuntimePmCore(rules: KernelProfile.Parse(profile).RuntimePm);
        RuntimePmDevice port = core.AddDevice("port");
        RuntimePmDevice nic = core.AddDevice("nic", port);
        port.Enable();
        nic.SetIrqSafe();
        nic.Enable();
        nic.GetSync();
        port.UsageCount.Should().Be(1);

        core.RemoveDevice(nic);
        core.FlushWork();

        port.UsageCount.Should().Be(0);
        port.Status.Should().Be(RuntimeStatus.Suspended);
        nic.IsIrqSafe.Should().BeFalse("what it held is given back");
    }

    // pm_runtime_remove() of a PCI function is no more than that of any device.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void pm_runtime_remove_of_an_irq_safe_function_lets_its_port_sleep(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        PciDevice other = port.AddEndpoint("0000:01:00.1");
        host.VfioPci.Bind(other);
        nic.RuntimePm.SetIrqSafe();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.RuntimeStatus.Should().Be(RuntimeStatus.Active);

        nic.Sysfs.Write("remove", "1").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        port.UsageCount.Should().Be(0);
        port.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
    }
}
