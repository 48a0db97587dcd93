using static VfioPm.Tests.Failure;

namespace VfioPm.Tests;

/// <summary>What the kernel returned: a failed call says which it was, why, and on which kernel.</summary>
public sealed class ResultAssertionTests
{
    [Fact]
    public void What_a_call_returned_can_be_asserted_as_a_number_and_as_an_error()
    {
        var machine = new Machine(KernelProfile.Linux6_1);
        using VfioDeviceFile device = machine.Open();

        device.EnterLowPower().Should().Be(0).And.Succeed().And.NotBe(Errno.EINVAL);
        device.EnterLowPower().Should().Be(Errno.EINVAL).And.FailWith(Errno.EINVAL).And.NotBe(0);
    }

    [Fact]
    public void A_success_is_not_something_else()
    {
        var machine = new Machine(KernelProfile.Linux6_1);
        using VfioDeviceFile device = machine.Open();
        KernelResult result = device.EnterLowPower();

        MessageOf(() => result.Should().NotBe(0)).Should().StartWith(
            """Expected "user asks to permit low power" of 0000:01:00.0 not to return 0, but it returned 0.""");
        MessageOf(() => result.Should().Be(Errno.EINVAL)).Should().Contain("to return -EINVAL, but it returned 0");
        MessageOf(() => result.Should().FailWith(Errno.EINVAL)).Should().Contain("to fail with -EINVAL, but it returned 0");
    }

    [Fact]
    public void A_failure_says_why_and_what_had_happened()
    {
        var machine = new Machine(KernelProfile.RfcV1);
        using VfioDeviceFile device = machine.Open();

        MessageOf(() => device.EnterLowPower().Should().Succeed("the guest is idle")).Should().Be(
            """
            Expected "user asks to permit low power" of 0000:01:00.0 to succeed because the guest is idle, but it returned -ENOTTY.
            The kernel returns that where:
              there is no low power for users before Linux 6.1, and this is rfc-v1
            Now, at 0.024 s on rfc-v1:
              0000:01:00.0: D0, Active, usage 1
              0000:00:03.0: D0, Active, usage 0
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  enumerated
              0.000 s  0000:01:00.0  usage 0 → 1                    0000:01:00.0: enumerated
              0.000 s  0000:01:00.0  bound to vfio-pci              -
              0.000 s  0000:01:00.0  usage 1 → 0                    0000:01:00.0: bound to vfio-pci
              0.000 s  0000:01:00.0  unknown → D0
              0.000 s  0000:01:00.0  opened                         -
              0.000 s  0000:01:00.0  usage 0 → 1                    0000:01:00.0: opened
              0.024 s  0000:01:00.0  user asks to permit low power  -
              0.024 s  0000:01:00.0  returned -ENOTTY               0000:01:00.0: user asks to permit low power
            """);
    }

    [Fact]
    public void A_hot_reset_that_is_refused_names_who_is_in_its_way()
    {
        var machine = new Machine(KernelProfile.Linux6_1);
        machine.Port.AddEndpoint("0000:01:00.1");
        using VfioDeviceFile device = machine.Open();

        MessageOf(() => device.HotReset(device.Group).Should().Succeed()).Should().Contain(
            "0000:01:00.1 is on the same bus, and it has no driver: vfio-pci must have all that the reset would reset");
    }

    [Fact]
    public void A_call_under_way_has_returned_nothing()
    {
        var machine = new Machine(KernelProfile.Linux6_1);
        using VfioDeviceFile device = machine.Open();
        PendingCall reset = device.BeginReset();

        MessageOf(() => reset.Result.Should().NotBe(Errno.EBUSY)).Should().StartWith(
            "Expected the call not to return -EBUSY, but it is under way.");

        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        reset.Result.Should().Succeed();
    }

    [Fact]
    public void An_attribute_is_asserted_by_its_text_and_by_its_error()
    {
        var machine = new Machine(KernelProfile.Linux6_1);

        machine.Nic.Sysfs.Read("power/control").Should().Be("on").And.Succeed().And.NotBe("auto");
        machine.Nic.Sysfs.Read("power/contrl").Should().FailWith(Errno.ENOENT);
        machine.Nic.Sysfs.Write("power/control", "of").Should().FailWith(Errno.EINVAL);
        MessageOf(() => machine.Nic.Sysfs.Read("power/contrl").Should().NotBe("on")).Should().StartWith(
            """
            Expected "host reads power/contrl" of 0000:01:00.0 to give anything but "on", but it failed with -ENOENT.
            The kernel returns that where:
              there is no such attribute of 0000:01:00.0 on linux-6.1
            """);
    }

    [Fact]
    public void A_failed_call_at_which_nobody_looked_is_named_by_the_next_failure()
    {
        var machine = new Machine(KernelProfile.RfcV1);
        using VfioDeviceFile device = machine.Open();
        _ = device.EnterLowPower();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(2));

        MessageOf(() => machine.Nic.Should().BeIn(PowerState.D3Cold)).Should().Contain("Now, at 2.024 s on rfc-v1:").And.EndWith(
            """
            Calls that failed so far:
              0.024 s  0000:01:00.0  returned -ENOTTY        0000:01:00.0: user asks to permit low power
            """);
    }

    [Fact]
    public void Results_are_in_the_trace()
    {
        var machine = new Machine(KernelProfile.RfcV1);
        using VfioDeviceFile device = machine.Open();
        _ = device.EnterLowPower();

        TraceEntry failed = machine.Host.Trace.Entries.Should().ContainSingle(entry => entry.Kind == TraceKind.Failure).Subject;
        failed.Result.Should().FailWith(Errno.ENOTTY);
        failed.Cause!.Value.What.Should().Be("user asks to permit low power");
        machine.Host.Trace.Should().HaveSeenInOrder((machine.Nic, "returned 0"), (machine.Nic, "returned -ENOTTY"));
    }

    [Fact]
    public void A_call_that_takes_its_time_returns_in_the_trace_when_it_does()
    {
        var machine = new Machine(KernelProfile.Linux6_1);
        using VfioDeviceFile device = machine.Open();
        TimeSpan begin = machine.Host.Clock.Now;

        PendingCall reset = device.BeginReset();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));

        TraceEntry returned = machine.Host.Trace.Entries.Last(entry => entry.Kind == TraceKind.Return);
        returned.Cause!.Value.What.Should().Be("user resets the device");
        returned.Time.Should().BeGreaterThan(begin).And.BeLessThan(machine.Host.Clock.Now);
        reset.IsCompleted.Should().BeTrue();
    }
}
