namespace VfioPm;

/// <summary>
/// A user's permission to put the device into low power (Linux 6.1, <c>vfio_pci_core.c</c>): while it lasts one usage
/// count is given back, so that nobody but single calls holds the device.
/// </summary>
internal sealed class LowPower(VfioPciDevice device)
{
    private bool _maskedIntx;

    /// <summary>Whether the user permits it (<c>pm_runtime_engaged</c>).</summary>
    public bool IsEngaged { get; private set; }

    /// <summary>What is signalled when the device is woken, or null.</summary>
    public EventFd? Wakeup { get; private set; }

    public void CopyFrom(LowPower original, ForkContext fork)
    {
        IsEngaged = original.IsEngaged;
        Wakeup = fork.OfNullable(original.Wakeup);
        _maskedIntx = original._maskedIntx;
    }

    /// <summary>
    /// The user permits it (<c>vfio_pci_runtime_pm_entry()</c>). The device goes idle when the ioctl gives its own
    /// count back.
    /// </summary>
    /// <returns>0; -EINVAL if it is permitted already.</returns>
    public KernelResult Enter(EventFd? wakeup)
    {
        device.WaitForMemory();
        if (IsEngaged)
        {
            return Errno.EINVAL;
        }

        device.ZapMappings();
        IsEngaged = true;
        Wakeup = wakeup;
        device.RuntimePm.PutNoIdle();
        return KernelResult.Success;
    }

    /// <summary>The permission ends, if there was one (<c>vfio_pci_runtime_pm_exit()</c>).</summary>
    public void Exit()
    {
        device.WaitForMemory();
        if (IsEngaged)
        {
            IsEngaged = false;
            device.RuntimePm.GetNoResume();
            Wakeup = null;
        }
    }

    /// <summary>The device is in D0 and about to sleep: it must not interrupt.</summary>
    public void BeforeSleep() => _maskedIntx = device.Interrupts.Intx is { IsEnabled: true } intx && intx.Mask();

    /// <summary>
    /// The device is awake again. Whoever asked to be told is, once, and the permission is over
    /// (<c>vfio_pci_core_runtime_resume()</c>).
    /// </summary>
    public void AfterWake()
    {
        if (Wakeup is { } wakeup)
        {
            wakeup.Signal();
            Exit();
        }

        if (_maskedIntx)
        {
            device.Interrupts.Intx.Unmask();
        }
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsEngaged);
        hash.Add(_maskedIntx);
        hash.Add((long)(Wakeup?.Count ?? ulong.MaxValue));
    }
}
