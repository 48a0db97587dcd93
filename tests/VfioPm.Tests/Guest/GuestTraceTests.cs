namespace VfioPm.Tests;

/// <summary>Guests in the trace of their host.</summary>
public sealed class GuestTraceTests
{
    [Fact]
    public void The_trace_of_the_host_tells_of_the_guest_and_why()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12, vmm => vmm.WithPowerResource());
        int booted = machine.Host.Trace.Entries.Count;
        machine.FallAsleep();

        machine.Host.Trace.Entries
            .Skip(booted)
            .Where(entry => entry.Device == machine.Guest.Device.Name)
            .Where(entry => entry.Kind is TraceKind.UsageCount or TraceKind.RuntimeStatus)
            .Select(entry => $"{entry.What} ({entry.Cause})")
            .Should().Equal(
                "usage 1 → 0 (0000:01:00.0: guest driver goes idle)",
                "Active → Suspending (guest 0000:01:00.0: autosuspend timer)",
                "Suspending → Suspended (guest 0000:01:00.0: autosuspend timer)");
    }

    [Fact]
    public void A_check_that_fails_tells_both_kernels_stories()
    {
        using GuestMachine machine = new(KernelProfile.RfcV1, vmm => vmm.WithPowerResource());
        machine.FallAsleep();

        machine.Guest.Device.Invoking(device => device.Should().BeIn(PowerState.D3Cold)).Should().Throw<Exception>()
            .Which.Message.ReplaceLineEndings("\n").Should().StartWith(
                """
                Expected guest 0000:01:00.0 to be in D3cold, but it is in D3hot.
                Now, at 3.024 s on rfc-v1:
                  guest 0000:01:00.0: D3hot, Suspended, usage 0
                  0000:01:00.0: D3cold, Suspended, usage 0
                The kernel refused the VMM low power: -ENOTTY.
                What happened to guest 0000:01:00.0 last:
                """)
            .And.Contain("guest driver goes idle").And.Contain("guest asks for low power in PMCSR");
    }

    [Fact]
    public void Checks_of_usage_count_and_status_are_about_the_guests_own()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12);

        machine.Guest.Device.Invoking(device => device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended))
            .Should().Throw<Exception>()
            .WithMessage("Expected guest 0000:01:00.0 to be Suspended, but it is Active.*guest boots*");
        machine.Guest.Device.Invoking(device => device.Should().HaveUsageCount(0)).Should().Throw<Exception>()
            .WithMessage("Expected guest 0000:01:00.0 to have a usage count of 0, but it is 1.*guest boots*");
    }

    [Fact]
    public void A_trace_that_is_off_does_not_tell_of_the_guest_either()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12);
        machine.Host.Trace.IsEnabled = false;
        int before = machine.Host.Trace.Entries.Count;

        machine.FallAsleep();

        machine.Host.Trace.Entries.Should().HaveCount(before);
    }
}
