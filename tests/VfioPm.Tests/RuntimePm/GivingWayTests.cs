namespace VfioPm.Tests;

/// <summary>
/// On a kernel with voluntary preemption a call that may sleep lets queued work run first (<c>might_sleep()</c>).
/// </summary>
public sealed class GivingWayTests
{
    private static readonly Dictionary<string, Action<RuntimePmDevice>> MaySleep = new()
    {
        ["idle"] = static device => device.Idle(),
        ["suspend"] = static device => device.Suspend(),
        ["autosuspend"] = static device => device.Autosuspend(),
        ["last put_sync"] = static device =>
        {
            device.GetNoResume();
            device.PutSync();
        },
    };

    private static readonly Dictionary<string, Action<RuntimePmDevice>> NeverSleep = new()
    {
        ["request_idle"] = static device => device.RequestIdle(),
        ["request_autosuspend"] = static device => device.RequestAutosuspend(),
        ["resume of an active device"] = static device => device.Resume(),
        ["request_resume of a suspended device"] = static device =>
            device.Core.AddSuspended("clock").RequestResume(),
        ["put_sync before the last"] = static device =>
        {
            device.GetNoResume();
            device.GetNoResume();
            device.PutSync();
        },
    };

    private readonly RuntimePmCore _core = new() { Kernel = { GivesWay = true } };
    private readonly RuntimePmDevice _nic;
    private readonly RuntimePmDevice _disk;

    public GivingWayTests()
    {
        _nic = _core.AddActive("nic");
        _disk = _core.AddActive("disk");
        _disk.RequestAutosuspend();
    }

    public static TheoryData<string> CallsThatMaySleep => [.. MaySleep.Keys];

    public static TheoryData<string> CallsThatNeverSleep => [.. NeverSleep.Keys];

    private bool GaveWay => _disk.Status == RuntimeStatus.Suspended;

    [Theory]
    [MemberData(nameof(CallsThatMaySleep))]
    public void A_call_that_may_sleep_gives_way(string call)
    {
        MaySleep[call](_nic);

        GaveWay.Should().BeTrue();
    }

    [Fact]
    public void A_resume_of_a_sleeping_device_gives_way()
    {
        _core.AddSuspended("clock").Resume();

        GaveWay.Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(CallsThatNeverSleep))]
    public void A_call_that_cannot_sleep_does_not_give_way(string call)
    {
        NeverSleep[call](_nic);

        GaveWay.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(CallsThatMaySleep))]
    public void With_interrupts_disabled_nobody_gives_way(string call)
    {
        _nic.SetIrqSafe();

        MaySleep[call](_nic);

        GaveWay.Should().BeFalse();
    }

    [Fact]
    public void A_caller_of_real_time_priority_does_not_give_way()
    {
        _core.Kernel.GivesWay = false;

        _nic.Suspend();

        GaveWay.Should().BeFalse();
    }

    [Fact]
    public void Callers_in_a_fork_give_way_as_in_the_original()
    {
        RuntimePmCore fork = _core.Fork();

        fork.Devices[_nic.Index].Suspend();

        fork.Devices[_disk.Index].Status.Should().Be(RuntimeStatus.Suspended);
        GaveWay.Should().BeFalse();
    }
}
