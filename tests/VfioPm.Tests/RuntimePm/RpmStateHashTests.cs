namespace VfioPm.Tests;

/// <summary>Each thing that a device remembers counts for the hash of its state.</summary>
public sealed class RpmStateHashTests
{
    private static readonly Dictionary<string, Action<RuntimePmDevice>> Changes = new()
    {
        ["usage count"] = static device => device.GetNoResume(),
        ["child count"] = static device => device.ChildCount++,
        ["disable depth"] = static device => device.DisableDepth++,
        ["error"] = static device => device.RuntimeError = Errno.EIO,
        ["queued work"] = static device => device.RequestPending = true,
        ["request"] = static device => device.Request = RuntimePmRequest.Idle,
        ["deferred resume"] = static device => device.DeferredResume = true,
        ["idle notification"] = static device => device.IdleNotification = true,
        ["use of autosuspend"] = static device => device.SetUseAutosuspend(true),
        ["autosuspend delay"] = static device => device.SetAutosuspendDelay(100),
        ["last use"] = static device => device.MarkLastBusy(),
        ["timer"] = static device => device.ScheduleSuspend(100),
        ["user space's control"] = static device =>
        {
            device.Forbid();
            device.PutNoIdle();
        },
        ["ignoring children"] = static device => device.SetIgnoreChildren(true),
        ["no callbacks"] = static device => device.SetNoCallbacks(),
        ["interrupts disabled"] = static device => device.SetIrqSafe(),
        ["resume latency"] = static device => device.AddResumeLatencyRequest(1),
        ["status"] = static device => device.SetStatus(RuntimeStatus.Suspending),
    };

    public static TheoryData<string> Names() => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_device_remembers_counts(string change)
    {
        RuntimePmDevice device = AddDevice();
        ulong before = HashOf(device);

        Changes[change](device);

        HashOf(device).Should().NotBe(before);
    }

    [Fact]
    public void Two_devices_with_the_same_history_have_the_same_hash() =>
        HashOf(AddDevice()).Should().Be(HashOf(AddDevice()));

    private static RuntimePmDevice AddDevice()
    {
        RuntimePmCore core = new();
        RuntimePmDevice device = core.AddActive("nic");
        core.Advance(10);
        return device;
    }

    private static ulong HashOf(RuntimePmDevice device)
    {
        StateHash hash = StateHash.Empty;
        device.AddTo(ref hash);
        return hash.Value;
    }
}
