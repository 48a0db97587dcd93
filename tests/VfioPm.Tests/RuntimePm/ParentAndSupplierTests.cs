namespace VfioPm.Tests;

public sealed class ParentAndSupplierTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void A_child_wakes_its_parent_and_keeps_it_awake()
    {
        RuntimePmDevice port = _core.AddSuspended("port");
        RuntimePmDevice nic = _core.AddSuspended("nic", port);

        nic.GetSync().Should().Be(KernelResult.Success);

        port.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, UsageCount = 0, ChildCount = 1 });
        port.Suspend().Errno.Should().Be(Errno.EBUSY);
    }

    [Fact]
    public void The_parent_follows_its_last_child_to_sleep()
    {
        RuntimePmDevice port = _core.AddActive("port");
        RuntimePmDevice nic = _core.AddActive("nic", port);

        nic.Suspend();
        _core.Clock.RunPending();

        port.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspended, ChildCount = 0 });
    }

    [Fact]
    public void A_parent_that_does_not_come_up_leaves_the_child_asleep_without_an_error()
    {
        RuntimePmDevice port = _core.AddSuspended("port", callbacks: Rpm.Resuming(Errno.EIO));
        RuntimePmDevice nic = _core.AddSuspended("nic", port);

        nic.GetSync().Errno.Should().Be(Errno.EBUSY);

        nic.RuntimeError.Should().Be(KernelResult.Success);
        nic.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_parent_that_ignores_its_children_is_not_woken()
    {
        RuntimePmDevice port = _core.AddSuspended("port");
        port.SetIgnoreChildren(true);
        RuntimePmDevice nic = _core.AddSuspended("nic", port);

        nic.GetSync();

        nic.Status.Should().Be(RuntimeStatus.Active);
        port.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspended, ChildCount = 1 });
    }

    [Fact]
    public void A_device_without_callbacks_wakes_with_its_parent()
    {
        RuntimePmDevice port = _core.AddActive("port");
        RuntimePmDevice nic = _core.AddSuspended("nic", port);
        nic.SetNoCallbacks();

        nic.Get().Value.Should().Be(1, "nothing has to be queued");

        nic.Status.Should().Be(RuntimeStatus.Active);
        port.ChildCount.Should().Be(1);
    }

    [Fact]
    public void An_irq_safe_device_holds_its_parent_once_for_each_call()
    {
        RuntimePmDevice port = _core.AddSuspended("port");
        RuntimePmDevice nic = _core.AddSuspended("nic", port);

        nic.SetIrqSafe();
        nic.SetIrqSafe();

        port.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, UsageCount = 2 });
        _core.AddDevice("rootless").SetIrqSafe();
    }

    [Fact]
    public void A_supplier_is_held_while_its_consumer_is_awake()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock");
        RuntimePmDevice nic = _core.AddSuspended("nic");
        DeviceLink link = nic.AddSupplier(clock)!;

        nic.GetSync();
        clock.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, UsageCount = 1 });
        link.RpmActive.Should().Be(2);

        nic.PutSync();
        _core.Clock.RunPending();
        clock.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspended, UsageCount = 0 });
        link.RpmActive.Should().Be(1);
    }

    [Fact]
    public void A_supplier_that_does_not_come_up_fails_its_consumer_with_its_own_error()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock", callbacks: Rpm.Resuming(Errno.EIO));
        RuntimePmDevice nic = _core.AddSuspended("nic");
        nic.AddSupplier(clock);

        nic.GetSync().Errno.Should().Be(Errno.EIO);

        nic.RuntimeError.Errno.Should().Be(Errno.EIO);
        clock.UsageCount.Should().Be(0);
    }

    [Fact]
    public void A_plain_link_does_not_manage_runtime_pm()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock");
        RuntimePmDevice nic = _core.AddSuspended("nic");
        DeviceLink link = nic.AddSupplier(clock, managesRuntimePm: false)!;

        nic.GetSync();

        clock.Status.Should().Be(RuntimeStatus.Suspended);
        nic.LinksCount.Should().Be(0);
        nic.RemoveSupplier(link);
        nic.Suppliers.Should().BeEmpty();
    }

    [Fact]
    public void Of_several_suppliers_only_those_with_managed_links_are_woken()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock");
        RuntimePmDevice regulator = _core.AddSuspended("regulator");
        RuntimePmDevice nic = _core.AddSuspended("nic");
        nic.AddSupplier(clock, managesRuntimePm: false);
        nic.AddSupplier(regulator);

        nic.GetSync();

        clock.Status.Should().Be(RuntimeStatus.Suspended);
        regulator.Status.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void A_link_that_is_made_twice_must_be_unmade_twice()
    {
        RuntimePmDevice clock = _core.AddActive("clock");
        RuntimePmDevice nic = _core.AddActive("nic");
        DeviceLink link = nic.AddSupplier(clock, managesRuntimePm: false)!;
        nic.AddSupplier(clock, rpmActive: true).Should().BeSameAs(link);
        link.ManagesRuntimePm.Should().BeTrue("the second making asked for it");
        clock.UsageCount.Should().Be(1);

        nic.RemoveSupplier(link);
        nic.Suppliers.Should().ContainSingle();
        nic.RemoveSupplier(link);

        nic.Suppliers.Should().BeEmpty();
        clock.UsageCount.Should().Be(0);
        nic.Invoking(consumer => consumer.RemoveSupplier(link))
            .Should().Throw<ArgumentException>().WithMessage("*nic*clock*");
    }

    [Fact]
    public void A_link_that_would_close_a_circle_is_not_made()
    {
        RuntimePmDevice port = _core.AddActive("port");
        RuntimePmDevice nic = _core.AddActive("nic", port);
        RuntimePmDevice clock = _core.AddActive("clock");
        clock.AddSupplier(port);

        port.AddSupplier(port).Should().BeNull();
        port.AddSupplier(nic, rpmActive: true).Should().BeNull("a child needs its parent");
        port.AddSupplier(clock).Should().BeNull();

        nic.UsageCount.Should().Be(0);
    }

    [Fact]
    public void A_link_that_is_to_hold_its_supplier_fails_with_it()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock", callbacks: Rpm.Resuming(Errno.EIO));

        _core.AddActive("nic").AddSupplier(clock, rpmActive: true).Should().BeNull();
    }

    [Fact]
    public void Suppliers_are_held_while_a_driver_binds()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock");
        RuntimePmDevice nic = _core.AddDevice("nic");
        DeviceLink link = nic.AddSupplier(clock)!;
        nic.AddSupplier(_core.AddSuspended("unmanaged"), managesRuntimePm: false);

        nic.GetSuppliers();
        clock.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, UsageCount = 1 });
        link.SupplierPreactivated.Should().BeTrue();

        nic.PutPreactivatedSuppliers();
        nic.PutPreactivatedSuppliers();
        clock.UsageCount.Should().Be(0);
    }

    [Fact]
    public void A_supplier_that_was_let_go_after_a_bind_is_not_let_go_again()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock");
        RuntimePmDevice nic = _core.AddDevice("nic");
        DeviceLink link = nic.AddSupplier(clock)!;
        nic.GetSuppliers();
        clock.GetNoResume();

        nic.PutPreactivatedSuppliers();
        nic.PutPreactivatedSuppliers();

        link.SupplierPreactivated.Should().BeFalse();
        clock.UsageCount.Should().Be(1, "another uses it");
    }

    [Theory]
    [InlineData(false, 1, 0)]
    [InlineData(true, 2, 1)]
    public void In_5_10_a_binding_drivers_reference_is_the_links_and_stays_with_a_consumer_that_is_awake(
        bool isAwake, int references, int users)
    {
        RuntimePmCore core = new(RuntimePmRules.Linux5_10);
        RuntimePmDevice clock = core.AddSuspended("clock");
        RuntimePmDevice nic = core.AddDevice("nic");
        DeviceLink link = nic.AddSupplier(clock)!;
        nic.GetSuppliers();
        (link.RpmActive, clock.UsageCount).Should().Be((2, 1));
        nic.SetStatus(isAwake ? RuntimeStatus.Active : RuntimeStatus.Suspended);

        nic.PutPreactivatedSuppliers();

        (link.RpmActive, clock.UsageCount).Should().Be((references, users));
    }

    [Fact]
    public void In_5_10_a_link_that_holds_nothing_any_more_lets_nothing_go()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux5_10);
        RuntimePmDevice clock = core.AddSuspended("clock");
        RuntimePmDevice nic = core.AddDevice("nic");
        DeviceLink link = nic.AddSupplier(clock)!;
        nic.GetSuppliers();
        link.ReleaseSupplier();
        clock.GetNoResume();

        nic.PutPreactivatedSuppliers();

        (link.RpmActive, clock.UsageCount).Should().Be((1, 1));
    }

    [Fact]
    public void A_suspend_that_fails_holds_its_suppliers_as_before()
    {
        RuntimePmDevice clock = _core.AddActive("clock");
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: Rpm.Suspending(Errno.EBUSY));
        DeviceLink link = nic.AddSupplier(clock, rpmActive: true)!;

        nic.Suspend().Errno.Should().Be(Errno.EBUSY);

        (link.RpmActive, clock.UsageCount).Should().Be((2, 1));
    }

    [Fact]
    public void A_link_that_cannot_hold_its_supplier_is_none_even_where_there_is_one_already()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock", callbacks: Rpm.Resuming(Errno.EIO));
        RuntimePmDevice nic = _core.AddSuspended("nic");
        nic.AddSupplier(clock).Should().NotBeNull();

        nic.AddSupplier(clock, rpmActive: true).Should().BeNull();

        nic.Suppliers.Should().ContainSingle().Which.RpmActive.Should().Be(1);
    }

    [Fact]
    public void In_a_fork_both_ends_have_the_same_link()
    {
        RuntimePmDevice clock = _core.AddActive("clock");
        RuntimePmDevice nic = _core.AddActive("nic");
        DeviceLink link = nic.AddSupplier(clock, rpmActive: true)!;

        RuntimePmCore fork = _core.Fork();
        DeviceLink forked = fork.Devices[1].Suppliers.Should().ContainSingle().Subject;
        fork.Devices[1].RemoveSupplier(forked);

        (forked.Supplier, forked.Consumer).Should().Be((fork.Devices[0], fork.Devices[1]));
        fork.Devices[0].UsageCount.Should().Be(0);
        (clock.UsageCount, link.RpmActive, nic.Suppliers.Count).Should().Be((1, 2, 1));
    }

    [Fact]
    public void Parents_children_and_suppliers_belong_to_one_subsystem()
    {
        RuntimePmDevice stranger = new RuntimePmCore().AddDevice("stranger");

        _core.Invoking(core => core.AddDevice("nic", stranger))
            .Should().Throw<ArgumentException>().WithMessage("stranger*");
        _core.AddDevice("nic").Invoking(nic => nic.AddSupplier(stranger)).Should().Throw<ArgumentException>().WithMessage("stranger*");
    }

    [Fact]
    public void Only_managed_links_have_suppliers_asked_to_idle()
    {
        RuntimePmDevice clock = _core.AddActive("clock");
        RuntimePmDevice nic = _core.AddActive("nic");
        nic.AddSupplier(clock, managesRuntimePm: false);

        nic.Suspend();

        clock.RequestPending.Should().BeFalse();
    }

    [Fact]
    public void A_link_needs_a_supplier()
    {
        RuntimePmDevice nic = _core.AddActive("nic");

        nic.Invoking(static consumer => consumer.AddSupplier(null!)).Should().Throw<ArgumentNullException>();
        nic.Invoking(static consumer => consumer.RemoveSupplier(null!)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void A_supplier_whose_users_were_stolen_is_not_put_below_zero()
    {
        // pm_runtime_release_supplier() looks at the count as a safety net.
        RuntimePmDevice clock = _core.AddActive("clock");
        RuntimePmDevice nic = _core.AddActive("nic");
        DeviceLink link = nic.AddSupplier(clock, rpmActive: true)!;
        nic.AddSupplier(clock, rpmActive: true);
        clock.PutNoIdle();
        clock.PutNoIdle();

        nic.Suspend();

        clock.UsageCount.Should().Be(0);
        link.RpmActive.Should().Be(2, "the kernel stops at the first reference that is not there");
    }
}
