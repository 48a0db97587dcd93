namespace VfioPm.Tests.RuntimePm;

/// <summary>Who looks for a count that leaked is told from which line of a test it was raised.</summary>
public sealed class CallSiteTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void A_count_is_of_the_line_that_made_the_call()
    {
        RuntimePmDevice port = _core.AddSuspended("port");
        RuntimePmDevice nic = _core.AddSuspended("nic", port);
        HostTrace trace = new(_core);

        nic.GetSync("src/tests/PowerTests.cs", 42);
        nic.PutNoIdle();
        nic.GetNoResume("PowerTests.cs", 44);
        nic.ResumeAndGet("PowerTests.cs", 45);
        nic.GetIfActive(true, "PowerTests.cs", 46);
        nic.GetIfInUse("PowerTests.cs", 47);
        nic.Get("PowerTests.cs", 48);

        CallersOf(trace, "nic").Should().Equal(
            "PowerTests.cs:42", null, "PowerTests.cs:44", "PowerTests.cs:45", "PowerTests.cs:46", "PowerTests.cs:47", "PowerTests.cs:48");
        CallersOf(trace, "port").Should().Equal(["PowerTests.cs:42", "PowerTests.cs:42"], "it was held meanwhile");
    }

    [Fact]
    public void A_call_in_the_middle_of_another_has_a_line_of_its_own_and_then_it_is_the_others_again()
    {
        RuntimePmDevice disk = _core.AddSuspended("disk");
        RuntimePmDevice nic = _core.AddSuspended("nic", callbacks: new DriverCallbacks
        {
            Resume = _ =>
            {
                disk.GetNoResume("Driver.cs", 7);
                PmRuntime.GetNoResume(disk);
                return 0;
            },
        });
        HostTrace trace = new(_core);

        nic.GetSync("PowerTests.cs", 42);

        CallersOf(trace, "disk").Should().Equal("Driver.cs:7", "PowerTests.cs:42");
    }

    private static IEnumerable<string?> CallersOf(HostTrace trace, string device) =>
        trace.Entries.Where(entry => entry.Kind == TraceKind.UsageCount && entry.Device == device).Select(entry => entry.Caller);
}
