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
    public void A_check_of_the_guests_device_explains_itself()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12);

        machine.Invoking(it => it.Guest.Device.Should().HaveRuntimeStatus(RuntimeStatus.Suspended))
            .Should().Throw<Exception>()
            .WithMessage("Expected guest 0000:01:00.0 to be Suspended, but it is Active.*guest boots*");
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
