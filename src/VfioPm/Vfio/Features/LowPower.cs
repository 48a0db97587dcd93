namespace VfioPm;

/// <summary>
/// A user's permission to put the device into low power (Linux 6.1, <c>vfio_pci_core.c</c>): while it lasts one usage
/// count is given back, so that nobody but single calls holds the device.
/// </summary>
internal sealed class LowPower(VfioPciDevice device) : INumbered
{
    private bool _maskedIntx;

    /// <summary>A copy for a fork.</summary>
    public LowPower(LowPower original, VfioPciDevice device, ForkContext fork)
        : this(device)
    {
        _maskedIntx = original._maskedIntx;
        IsEngaged = original.IsEngaged;
        Wakeup = fork.OfNullable(original.Wakeup);
    }

    /// <summary>Whether the user permits it (<c>pm_runtime_engaged</c>).</summary>
    public bool IsEngaged { get; private set; }

    /// <summary>What is signalled when the device is woken, or null.</summary>
    public EventFd? Wakeup { get; private set; }

    public int Index => device.Index;

    public IForkable Fork(ForkContext fork) => fork.Of(device).LowPower;

    /// <summary>
    /// The user permits it (<c>vfio_pci_runtime_pm_entry()</c>). The device goes idle when the ioctl gives its own
    /// count back.
    /// </summary>
    /// <returns>0; -EINVAL if it is permitted already.</returns>
    public async KernelCall<KernelResult> Enter(EventFd? wakeup)
    {
        await device.LockMemory(zapMappings: true);
        try
        {
            if (IsEngaged)
            {
                return Errno.EINVAL;
            }

            IsEngaged = true;
            Wakeup = wakeup;
            PmRuntime.PutNoIdle(device.RuntimePm);
            return KernelResult.Success;
        }
        finally
        {
            device.Memory.UpWrite();
        }
    }

    /// <summary>The permission ends, if there was one (<c>vfio_pci_runtime_pm_exit()</c>).</summary>
    public async KernelCall Exit()
    {
        await device.Memory.DownWrite();
        ExitLocked();
        device.Memory.UpWrite();
    }

    /// <summary>
    /// The device is about to sleep: a function that its user left in D3hot goes to D0 first, with the configuration that it
    /// had, and it must not interrupt. The PCI core does the rest (<c>vfio_pci_core_runtime_suspend()</c>).
    /// </summary>
    public async KernelCall<KernelResult> Suspend()
    {
        await device.Memory.DownWrite();
        try
        {
            await device.SetPowerState(PowerState.D0);
        }
        finally
        {
            device.Memory.UpWrite();
        }

        _maskedIntx = device.Interrupts.Intx.IsEnabled && device.Interrupts.Intx.Mask();
        return KernelResult.Success;
    }

    /// <summary>
    /// The device is awake again. Whoever asked to be told is, once, and the permission is over
    /// (<c>vfio_pci_core_runtime_resume()</c>).
    /// </summary>
    public async KernelCall<KernelResult> Resume()
    {
        await device.Memory.DownWrite();
        try
        {
            if (Wakeup is { } wakeup)
            {
                wakeup.Signal();
                ExitLocked();
            }
        }
        finally
        {
            device.Memory.UpWrite();
        }

        if (_maskedIntx)
        {
            device.Interrupts.Intx.Unmask();
        }

        return KernelResult.Success;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_maskedIntx);
        hash.Add(IsEngaged);
        EventFd.AddTo(ref hash, Wakeup);
    }

    /// <summary><c>__vfio_pci_runtime_pm_exit()</c>.</summary>
    private void ExitLocked()
    {
        if (IsEngaged)
        {
            IsEngaged = false;
            PmRuntime.GetNoResume(device.RuntimePm);
            Wakeup = null;
        }
    }
}
