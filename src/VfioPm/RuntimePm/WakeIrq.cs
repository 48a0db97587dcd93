namespace VfioPm;

/// <summary>
/// An interrupt that only tells that a sleeping device wants to be awake (<c>struct wake_irq</c>, <c>drivers/base/power/wakeirq.c</c>): runtime
/// PM enables it when it suspends the device, and its thread resumes that.
/// </summary>
internal sealed class WakeIrq : WorkItem
{
    private readonly RuntimePmDevice _device;
    private readonly bool _isReverse;

    /// <param name="device">Whose it is.</param>
    /// <param name="isReverse">Whether it is enabled only when the device is suspended, and disabled after it is resumed.</param>
    public WakeIrq(RuntimePmDevice device, bool isReverse)
    {
        _device = device;
        _isReverse = isReverse;
    }

    private WakeIrq(WakeIrq original, ForkContext fork)
        : base(original, fork)
    {
        _device = fork.Of(original._device);
        _isReverse = original._isReverse;
        IsManaged = original.IsManaged;
        IsEnabled = original.IsEnabled;
    }

    public override int Index => _device.Index;

    public override string Device => _device.Name;

    /// <summary>Whether it is heard.</summary>
    public bool IsEnabled { get; private set; }

    protected override Kernel Kernel => _device.Core.Kernel;

    /// <summary>It begins when the interrupt arrives.</summary>
    protected override Frozen FrozenWith => Frozen.Interrupts;

    /// <summary>From the first suspend on (<c>WAKE_IRQ_DEDICATED_MANAGED</c>).</summary>
    private bool IsManaged { get; set; }

    /// <summary>The device is about to be suspended (<c>dev_pm_enable_wake_irq_check()</c>).</summary>
    public void BeginSuspend()
    {
        IsManaged = true;
        IsEnabled |= !_isReverse;
    }

    /// <summary>It is suspended (<c>dev_pm_enable_wake_irq_complete()</c>).</summary>
    public void CompleteSuspend() => IsEnabled |= IsManaged && _isReverse;

    /// <summary>It is not (<c>dev_pm_disable_wake_irq_check()</c>).</summary>
    public void AbandonSuspend() => IsEnabled &= _isReverse;

    /// <summary>It is about to be resumed.</summary>
    public void BeginResume() => IsEnabled &= !IsManaged;

    /// <summary>It was not: it is as asleep as before.</summary>
    public void AbandonResume() => IsEnabled |= IsManaged;

    /// <summary>The device raises it.</summary>
    /// <returns>Whether it is heard.</returns>
    public bool Raise()
    {
        if (IsEnabled)
        {
            Queue();
        }

        return IsEnabled;
    }

    public override Cause Describe(int tag) => new("wake interrupt", _device.Name);

    public override IForkable Fork(ForkContext fork) => new WakeIrq(this, fork);

    public override void AddTo(ref StateHash hash)
    {
        base.AddTo(ref hash);
        hash.Add(_isReverse, IsManaged, IsEnabled);
    }

    protected override ThreadKind DoneBy(int tag) => ThreadKind.Interrupt;

    /// <summary><c>handle_threaded_wake_irq()</c>.</summary>
    protected override async KernelCall Execute()
    {
        int result = await PmRuntime.Resume(_device);
        if (result < 0)
        {
            RuntimePmLog.WakeIrqWithoutResume(_device.Core.Logger, _device.Name, result);
        }
    }
}
