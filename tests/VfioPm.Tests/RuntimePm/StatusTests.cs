namespace VfioPm.Tests;

/// <summary>Saying by hand that a device is active or suspended (<c>__pm_runtime_set_status()</c>).</summary>
public sealed class StatusTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void The_status_of_an_enabled_device_cannot_be_set() =>
        _core.AddActive("nic").SetSuspended().Errno.Should().Be(Errno.EAGAIN);

    [Fact]
    public void An_active_child_cannot_be_put_below_a_sleeping_parent()
    {
        RuntimePmDevice port = _core.AddSuspended("port");
        RuntimePmDevice nic = _core.AddDevice("nic", port);

        nic.SetActive().Errno.Should().Be(Errno.EBUSY);

        nic.Status.Should().Be(RuntimeStatus.Suspended);
        port.ChildCount.Should().Be(0);
    }

    [Fact]
    public void A_supplier_that_does_not_come_up_makes_the_device_count_as_suspended()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock", callbacks: Rpm.Resuming(Errno.EIO));
        RuntimePmDevice nic = _core.AddDevice("nic");
        nic.AddSupplier(clock);

        nic.SetActive().Errno.Should().Be(Errno.EIO);

        nic.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_supplier_that_does_not_come_up_leaves_the_error_of_the_past()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock", callbacks: Rpm.Resuming(Errno.ENODEV));
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: Rpm.Suspending(Errno.EIO));
        nic.Suspend();
        nic.AddSupplier(clock);

        nic.SetActive().Errno.Should().Be(Errno.ENODEV);

        nic.RuntimeError.Errno.Should().Be(Errno.EIO);
    }

    [Fact]
    public void Only_a_device_that_was_not_suspended_asks_its_parent_to_idle()
    {
        RuntimePmDevice port = _core.AddActive("port");
        RuntimePmDevice nic = _core.AddDevice("nic", port);

        nic.SetSuspended();
        port.RequestPending.Should().BeFalse("it was suspended already");
        nic.SetActive();
        port.RequestPending.Should().BeFalse("it is active");
        nic.SetSuspended();

        port.RequestPending.Should().BeTrue();
    }
}
