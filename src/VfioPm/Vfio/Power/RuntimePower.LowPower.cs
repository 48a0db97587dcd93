namespace VfioPm;

// A user's permission to put the device into low power (Linux 6.1, vfio_pci_core.c): while it lasts one usage count is given
// back, so that nobody but single calls holds the device.
internal sealed partial class RuntimePower
{
    private bool _isEngaged;
    private EventFd? _wakeup;
    private bool _maskedIntx;

    /// <summary><c>pm_runtime_engaged</c>.</summary>
    public override bool IsLowPowerPermitted => _isEngaged;

    public override EventFd? Wakeup => _wakeup;

    private DeviceInterrupts? Interrupts => Device.Session?.Interrupts;

    /// <summary>
    /// The user permits it (<c>vfio_pci_runtime_pm_entry()</c>). The device goes idle when the ioctl gives its own
    /// count back.
    /// </summary>
    /// <returns>0; -EINVAL if it is permitted already.</returns>
    public override async KernelCall<int> EnterLowPower(EventFd? wakeup)
    {
        using (await Device.LockMemory(takeAway: true))
        {
            if (_isEngaged)
            {
                return -Errno.EINVAL;
            }

            _isEngaged = true;
            _wakeup = wakeup;
            PmRuntime.PutNoIdle(Runtime);
            return 0;
        }
    }

    /// <summary>The permission ends, if there was one (<c>vfio_pci_runtime_pm_exit()</c>).</summary>
    public override async KernelCall<int> ExitLowPower()
    {
        using (await Device.Memory.DownWrite())
        {
            ExitLocked();
            Device.RestoreDmaBufs();
            return 0;
        }
    }

    /// <summary>
    /// The device is about to sleep: a function that its user left in D3hot goes to D0 first, with the configuration that it
    /// had, and it must not interrupt. The PCI core does the rest (<c>vfio_pci_core_runtime_suspend()</c>).
    /// </summary>
    public override async KernelCall<int> RuntimeSuspend()
    {
        using (await Device.Memory.DownWrite())
        {
            await SetState(PowerState.D0);
        }

        _maskedIntx = Interrupts is { Type: VfioIrqIndex.Intx } interrupts && await interrupts.MaskIntx();
        return 0;
    }

    /// <summary>
    /// The device is awake again. Whoever asked to be told is, once, and the permission is over
    /// (<c>vfio_pci_core_runtime_resume()</c>).
    /// </summary>
    public override async KernelCall<int> RuntimeResume()
    {
        using (await Device.Memory.DownWrite())
        {
            if (_wakeup is not null)
            {
                _wakeup.Signal(EventFd.OfWakeup);
                ExitLocked();
            }
        }

        if (_maskedIntx && Interrupts is { } interrupts)
        {
            await interrupts.UnmaskIntx();
        }

        return 0;
    }

    /// <summary><c>__vfio_pci_runtime_pm_exit()</c>.</summary>
    private void ExitLocked()
    {
        if (_isEngaged)
        {
            _isEngaged = false;
            PmRuntime.GetNoResume(Runtime);
            _wakeup = null;
        }
    }
}
