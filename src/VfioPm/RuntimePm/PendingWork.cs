namespace VfioPm;

/// <summary>
/// What the clock holds for one device: its work item on <c>pm_wq</c> (<c>pm_runtime_work()</c>) and its suspend timer
/// (<c>pm_suspend_timer_fn()</c>).
/// </summary>
internal sealed class PendingWork : WorkItem
{
    private const int Timer = 1;

    private readonly RuntimePmDevice _device;

    public PendingWork(RuntimePmDevice device) => _device = device;

    private PendingWork(PendingWork original, ForkContext fork)
        : base(original, fork) => _device = fork.Of(original._device);

    public override int Index => _device.Index;

    protected override Kernel Kernel => _device.Core.Kernel;

    public override string Device => _device.Name;

    /// <summary><c>pm_wq</c> is freezable.</summary>
    protected override Frozen FrozenWith => Frozen.Work;

    private VirtualClock Clock => Kernel.Clock;

    private string NameOfTimer => _device.TimerAutosuspends ? "autosuspend timer" : "scheduled suspend timer";

    public void StartTimer(TimeSpan expires, TimeSpan slack, long began) =>
        Clock.Schedule(expires, expires + slack, began, this, Timer);

    public void StopTimer() => Clock.Cancel(this, Timer);

    public override void Run(int tag)
    {
        if (tag == Work)
        {
            base.Run(tag);
        }
        else
        {
            // The timer's function asks for a suspend and never waits, but it has to run as somebody.
            using KernelEntry entry = KernelEntry.Worker(Kernel, ThreadKind.Worker, Clock.Cause, Device);
            entry.Start(_device.OnTimerExpired());
        }
    }

    public override bool IsInterrupt(int tag) => tag == Timer;

    public override Cause Describe(int tag) => new(tag == Work ? NameOf(_device.Request) : NameOfTimer, _device.Name);

    public override IForkable Fork(ForkContext fork) => new PendingWork(this, fork);

    protected override KernelCall Execute() => Rpm.Work(_device);

    protected override void Done()
    {
        base.Done();
        _device.WakeWaiters();
    }

    private static string NameOf(RuntimePmRequest request) => request switch
    {
        RuntimePmRequest.Idle => "Idle request on pm_wq",
        RuntimePmRequest.Suspend => "Suspend request on pm_wq",
        RuntimePmRequest.Autosuspend => "Autosuspend request on pm_wq",
        RuntimePmRequest.Resume => "Resume request on pm_wq",
        _ => "cancelled request on pm_wq",
    };
}
