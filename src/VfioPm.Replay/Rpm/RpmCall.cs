namespace VfioPm;

/// <summary>A call of the kernel's interface as the recorder names it.</summary>
internal sealed class RpmCall
{
    private static readonly Dictionary<string, RpmCall> Calls = new RpmCall[]
    {
        new("get", static device => device.Get()),
        new("get_sync", static device => device.GetSync()),
        new("get_noresume", static device => device.GetNoResume()),
        new("resume_and_get", static device => device.ResumeAndGet()),
        new("get_if_in_use", static device => device.GetIfInUse()),
        new("get_if_active", static (device, ignoreUsageCount) => device.GetIfActive(ignoreUsageCount != 0)),
        new("put", static (device, _) => Unless(IsVoidSince7(device), device.Put())),
        new("put_sync", static device => device.PutSync()),
        new("put_sync_suspend", static device => device.PutSyncSuspend()),
        new("put_autosuspend", static device => device.PutAutosuspend()),
        new("put_sync_autosuspend", static device => device.PutSyncAutosuspend()),
        new("put_noidle", static device => device.PutNoIdle()),
        new("idle", static device => device.Idle()),
        new("suspend", static device => device.Suspend()),
        new("autosuspend", static device => device.Autosuspend()),
        new("resume", static device => device.Resume()),
        new("request_idle", static device => device.RequestIdle()),
        new("request_resume", static device => device.RequestResume()),
        new("request_autosuspend", static device => device.RequestAutosuspend()),
        new("schedule_suspend", static (device, delay) => device.ScheduleSuspend(delay)),
        new("barrier", static (device, _) => Unless(IsVoidSince7(device), device.Barrier())),
        new("enable", static device => device.Enable()),
        new("disable", static device => device.Disable()),
        new("disable_nocheck", static device => device.Disable(carryOutPendingResume: false)),
        new("forbid", static device => device.Forbid()),
        new("allow", static device => device.Allow()),
        new("set_active", static device => device.SetActive()),
        new("set_suspended", static device => device.SetSuspended()),
        new("use_autosuspend", static device => device.SetUseAutosuspend(true)),
        new("dont_use_autosuspend", static device => device.SetUseAutosuspend(false)),
        new("set_autosuspend_delay", static (device, delay) => device.SetAutosuspendDelay(delay)),
        new("mark_last_busy", static device => device.MarkLastBusy()),
        new("no_callbacks", static device => device.SetNoCallbacks()),
        new("irq_safe", static device => device.SetIrqSafe()),
        new("suspend_ignore_children", static (device, ignore) => device.SetIgnoreChildren(ignore != 0)),
        new("force_suspend", static device => device.ForceSuspend()),
        new("force_resume", static device => device.ForceResume()),
        new("suspended", static device => device.IsSuspended),
        new("active", static device => device.IsActive),
        new("status_suspended", static device => device.Status == RuntimeStatus.Suspended),
        new("enabled", static device => device.IsEnabled),
        new("has_no_callbacks", static device => device.HasNoCallbacks),
        new("is_irq_safe", static device => device.IsIrqSafe),
        new("get_suppliers", static device => device.GetSuppliers()),
        new("put_suppliers", static device => device.PutPreactivatedSuppliers()),
        new("qos_add", static (device, limit) => RecorderDevice.Of(device).AddResumeLatencyRequest(device, limit)),
        new("qos_remove", static device => RecorderDevice.Of(device).RemoveResumeLatencyRequest(device)),
    }.ToDictionary(static call => call.Name);

    private readonly Func<RuntimePmDevice, int, KernelResult?> _make;

    private RpmCall(string name, Func<RuntimePmDevice, int, KernelResult?> make)
    {
        Name = name;
        _make = make;
    }

    private RpmCall(string name, Func<RuntimePmDevice, KernelResult> make)
        : this(name, (device, _) => make(device))
    {
    }

    private RpmCall(string name, Func<RuntimePmDevice, bool> ask)
        : this(name, (device, _) => ask(device) ? 1 : 0)
    {
    }

    private RpmCall(string name, Action<RuntimePmDevice> make)
        : this(name, (device, _) => make(device))
    {
    }

    private RpmCall(string name, Action<RuntimePmDevice, int> make)
        : this(name, (device, argument) =>
        {
            make(device, argument);
            return null;
        })
    {
    }

    public string Name { get; }

    /// <exception cref="RecordingException">The recorder knows no such call.</exception>
    public static RpmCall Named(string name) =>
        Calls.TryGetValue(name, out RpmCall? call) ? call : throw new RecordingException($"no such call: \"{name}\"");

    /// <summary>Makes the call.</summary>
    /// <returns>What it returned; null for a function without a value.</returns>
    public KernelResult? Make(RuntimePmDevice device, int argument) => _make(device, argument);

    private static bool IsVoidSince7(RuntimePmDevice device) => device.Core.Rules.PutAndBarrierReturnNothing;

    private static KernelResult? Unless(bool isVoid, KernelResult result) => isVoid ? null : result;
}
