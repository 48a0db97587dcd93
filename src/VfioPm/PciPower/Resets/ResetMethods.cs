namespace VfioPm;

/// <summary>How a function can be reset, and resetting it (<c>drivers/pci/pci.c</c>, "reset").</summary>
public sealed class ResetMethods : INumbered
{
    private readonly PciDevice _device;
    private List<ResetMethod> _methods;

    internal ResetMethods(PciDevice device)
    {
        _device = device;
        _methods = [];
    }

    internal ResetMethods(ResetMethods original, PciDevice device)
    {
        _device = device;
        _methods = [.. original._methods];
        HasAttributes = original.HasAttributes;
    }

    /// <summary>What is tried, in this order.</summary>
    public IReadOnlyList<ResetMethod> Methods => _methods;

    /// <summary>
    /// Whether sysfs has <c>reset</c> and <c>reset_method</c>: decided when the function is added, whatever the methods
    /// are set to later.
    /// </summary>
    internal bool HasAttributes { get; private set; }

    internal bool IsSupported => Methods.Count > 0;

    int INumbered.Index => _device.RuntimePm.Index;

    /// <summary>Those of the function in the fork.</summary>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return fork.Of(_device).ResetMethods;
    }

    /// <summary>
    /// Finds out what there is when the function is added (<c>pci_init_reset_methods()</c>): the first on a bus seems to be
    /// alone there.
    /// </summary>
    internal void Initialize()
    {
        _methods = Probe();
        HasAttributes = IsSupported;
    }

    /// <summary>Sets the methods (sysfs <c>reset_method</c>): none, or the default ones.</summary>
    internal void Set(bool useDefault) => _methods = useDefault ? Probe() : [];

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_methods.Count);
        foreach (ResetMethod method in _methods)
        {
            hash.Add((int)method);
        }

        hash.Add(HasAttributes);
    }

    /// <summary>
    /// Resets the function with its configuration saved before and restored after (<c>pci_reset_function()</c>).
    /// </summary>
    /// <returns>0; -ENOTTY if there is no method or the function did not come back; what the method gave.</returns>
    internal async KernelCall<KernelResult> ResetFunction()
    {
        if (!IsSupported)
        {
            return Errno.ENOTTY;
        }

        await _device.LockForReset();
        return await ResetAndUnlock();
    }

    /// <summary>The same for who must not wait for the function's lock (<c>pci_try_reset_function()</c>).</summary>
    /// <returns>As <see cref="ResetFunction"/>, and -EAGAIN while somebody holds the lock.</returns>
    internal async KernelCall<KernelResult> TryResetFunction() =>
        !IsSupported ? Errno.ENOTTY
        : !_device.TryLockForReset() ? Errno.EAGAIN
        : await ResetAndUnlock();

    /// <summary>Tries the methods until one is not refused (<c>__pci_reset_function_locked()</c>).</summary>
    internal async KernelCall<KernelResult> ResetLocked()
    {
        for (int i = 0; i < Methods.Count; i++)
        {
            KernelResult result = await Reset(Methods[i]);
            if (result.Errno != Errno.ENOTTY)
            {
                return result;
            }
        }

        return Errno.ENOTTY;
    }

    private async KernelCall<KernelResult> ResetAndUnlock()
    {
        try
        {
            await _device.SaveAndDisable();
            KernelResult result = await ResetLocked();
            await _device.RestoreAfterReset();
            return result;
        }
        finally
        {
            _device.UnlockAfterReset();
        }
    }

    private async KernelCall<KernelResult> Reset(ResetMethod method) => method switch
    {
        ResetMethod.Flr => await FunctionLevelReset(
            _device.ExpressOffset!.Value + ExpressRegisters.DeviceControl,
            2,
            ExpressRegisters.DeviceControlInitiateFlr,
            ReadyWait.AfterFlr),
        ResetMethod.AfFlr => await FunctionLevelReset(
            _device.AdvancedFeaturesOffset!.Value + AdvancedFeaturesRegisters.Control,
            1,
            AdvancedFeaturesRegisters.ControlInitiateFlr,
            ReadyWait.AfterAfFlr),
        ResetMethod.Pm => await ResetThroughD3Hot(),
        _ => IsAloneOnBus ? await BusReset.ResetSecondary(_device.Upstream!) : Errno.ENOTTY,
    };

    /// <summary>
    /// Looked at before each reset too: the first function of a device was alone when it was found
    /// (<c>pci_parent_bus_reset()</c>).
    /// </summary>
    private bool IsAloneOnBus => !_device.IsBridge && _device.Upstream is { Downstream.Count: 1 };

    private async KernelCall<KernelResult> FunctionLevelReset(int offset, int width, uint trigger, string what)
    {
        _device.WriteConfig(offset, width, _device.ReadConfig(offset, width) | trigger);
        await _device.Sleep(TimeSpan.FromMilliseconds(100));
        return await PciPm.WaitReady(_device, what, ReadyWait.DefaultTimeout);
    }

    /// <summary><c>pci_pm_reset()</c>: only from D0, and only where leaving D3hot resets.</summary>
    private async KernelCall<KernelResult> ResetThroughD3Hot()
    {
        int offset = _device.Pm!.ControlStatusOffset;
        uint pmcsr = _device.ReadConfig(offset, 2);
        if ((pmcsr & PmRegisters.NoSoftReset) != 0)
        {
            return Errno.ENOTTY;
        }

        if (_device.PowerState != PowerState.D0)
        {
            return Errno.EINVAL;
        }

        uint inD0 = pmcsr & ~(uint)PmRegisters.StateMask;
        _device.WriteConfig(offset, 2, inD0 | (uint)PowerState.D3Hot);
        await _device.Sleep(_device.TransitionDelay(PowerState.D3Hot));
        _device.WriteConfig(offset, 2, inD0);
        await _device.Sleep(_device.TransitionDelay(PowerState.D3Hot));
        return await PciPm.WaitReady(_device, ReadyWait.AfterPmReset, ReadyWait.DefaultTimeout);
    }

    /// <summary><c>pci_init_reset_methods()</c>.</summary>
    private List<ResetMethod> Probe()
    {
        List<ResetMethod> methods = [];
        if (_device.HasFunctionLevelReset)
        {
            methods.Add(ResetMethod.Flr);
        }

        if (_device.HasAdvancedFeaturesReset)
        {
            methods.Add(ResetMethod.AfFlr);
        }

        if (_device.Pm is { NoSoftReset: false })
        {
            methods.Add(ResetMethod.Pm);
        }

        if (IsAloneOnBus)
        {
            methods.Add(ResetMethod.Bus);
        }

        return methods;
    }
}
