namespace VfioPm;

// The calls that may have to wait, begun by somebody else: they go on as time passes.
public sealed partial class RuntimePmDevice
{
    /// <summary>Begins <see cref="GetSync"/>; the count is up from now on.</summary>
    public PendingCall BeginGetSync()
    {
        using KernelEntry entry = Begin();
        PmRuntime.GetNoResume(this);
        return entry.Start(Rpm.Resume(this, RpmFlags.GetPut));
    }

    /// <summary>Begins <see cref="ResumeAndGet"/>.</summary>
    public PendingCall BeginResumeAndGet()
    {
        using KernelEntry entry = Begin();
        return entry.Start(PmRuntime.ResumeAndGet(this));
    }

    /// <summary>Begins <see cref="PutSync"/>.</summary>
    public PendingCall BeginPutSync()
    {
        using KernelEntry entry = Begin();
        return entry.Start(PmRuntime.PutSync(this));
    }

    /// <summary>Begins <see cref="PutSyncSuspend"/>.</summary>
    public PendingCall BeginPutSyncSuspend()
    {
        using KernelEntry entry = Begin();
        return entry.Start(PmRuntime.Suspend(this, RpmFlags.GetPut));
    }

    /// <summary>Begins <see cref="Resume()"/>.</summary>
    public PendingCall BeginResume()
    {
        using KernelEntry entry = Begin();
        return entry.Start(Rpm.Resume(this, RpmFlags.None));
    }

    /// <summary>Begins <see cref="Suspend()"/>.</summary>
    public PendingCall BeginSuspend()
    {
        using KernelEntry entry = Begin();
        return entry.Start(Rpm.Suspend(this, RpmFlags.None));
    }

    /// <summary>Begins <see cref="Idle()"/>.</summary>
    public PendingCall BeginIdle()
    {
        using KernelEntry entry = Begin();
        return entry.Start(Rpm.Idle(this, RpmFlags.None));
    }

    /// <summary>Begins <see cref="Barrier"/>.</summary>
    public PendingCall BeginBarrier()
    {
        using KernelEntry entry = Begin();
        return entry.Start(PmRuntime.Barrier(this));
    }

    private KernelEntry Begin() => KernelEntry.Begin(Core.Kernel, Name);
}
