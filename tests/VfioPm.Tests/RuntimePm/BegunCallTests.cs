namespace VfioPm.Tests;

/// <summary>Calls that somebody begins and that go on as time passes end as those that are waited for.</summary>
public sealed class BegunCallTests
{
    private static readonly Dictionary<string, (Func<RuntimePmDevice, PendingCall> Begin, Func<RuntimePmDevice, KernelResult> Call)> Calls = new()
    {
        ["pm_runtime_get_sync"] = (static device => device.BeginGetSync(), static device => device.GetSync()),
        ["pm_runtime_resume_and_get"] = (static device => device.BeginResumeAndGet(), static device => device.ResumeAndGet()),
        ["pm_runtime_put_sync"] = (static device => device.BeginPutSync(), static device => device.PutSync()),
        ["pm_runtime_put_sync_suspend"] = (static device => device.BeginPutSyncSuspend(), static device => device.PutSyncSuspend()),
        ["pm_runtime_resume"] = (static device => device.BeginResume(), static device => device.Resume()),
        ["pm_runtime_suspend"] = (static device => device.BeginSuspend(), static device => device.Suspend()),
        ["pm_runtime_idle"] = (static device => device.BeginIdle(), static device => device.Idle()),
        ["pm_runtime_barrier"] = (static device => device.BeginBarrier(), static device => device.Barrier()),
    };

    public static TheoryData<string, bool, bool> CallsAndStates
    {
        get
        {
            TheoryData<string, bool, bool> data = [];
            foreach (string call in Calls.Keys)
            {
                data.Add(call, true, true);
                data.Add(call, true, false);
                data.Add(call, false, false);
                data.Add(call, false, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(CallsAndStates))]
    public void They_return_the_same_and_leave_the_device_the_same(string call, bool isActive, bool isUsed)
    {
        RuntimePmDevice begun = AddDevice(isActive, isUsed);
        RuntimePmDevice awaited = AddDevice(isActive, isUsed);

        PendingCall pending = Calls[call].Begin(begun);
        begun.Core.Advance(100);

        pending.Result.Should().Be(Calls[call].Call(awaited));
        awaited.Core.Advance(100);
        (begun.Status, begun.UsageCount).Should().Be((awaited.Status, awaited.UsageCount));
    }

    private static RuntimePmDevice AddDevice(bool isActive, bool isUsed)
    {
        RuntimePmCore core = new();
        DriverCallbacks callbacks = Rpm.Slow(suspend: 10, resume: 20);
        RuntimePmDevice device = isActive ? core.AddActive("nic", callbacks: callbacks) : core.AddSuspended("nic", callbacks: callbacks);
        if (isUsed)
        {
            device.GetNoResume();
        }

        return device;
    }
}
