namespace VfioPm;

/// <summary>
/// Takes all devices of a kernel through the phases of a system sleep (<c>drivers/base/power/main.c</c>): children and consumers before
/// parents and suppliers on the way down, the other way round on the way up.
/// </summary>
/// <remarks>
/// One device after the other, in the order of <c>dpm_list</c>. Linux has devices that allow it (<c>power/async</c>) pass through a phase
/// beside others; each waits for those that it depends on all the same, so that the order of what depends on each other is this one.
/// </remarks>
internal sealed partial class DevicePm : INumbered
{
    private readonly RuntimePmCore _core;
    private readonly List<RuntimePmDevice> _order = [];

    public DevicePm(RuntimePmCore core) => _core = core;

    private DevicePm(DevicePm original, ForkContext fork)
    {
        fork.Register(original, this);
        _core = fork.Of(original._core);
        fork.CopyAll(original._order, _order);
    }

    int INumbered.Index => 0;

    private SystemTransition Transition => _core.Transition;

    public IForkable Fork(ForkContext fork) => new DevicePm(this, fork);

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_order.Count);
        foreach (RuntimePmDevice device in _order)
        {
            hash.Add(device.Index);
        }
    }

    /// <summary>Devices are held, asked whether they may be left alone, and stopped (<c>dpm_suspend_start()</c>).</summary>
    public async KernelCall<int> SuspendStart()
    {
        int error = await Prepare();
        return error != 0 ? error : await Suspend();
    }

    /// <summary>And back (<c>dpm_resume_end()</c>).</summary>
    public async KernelCall ResumeEnd()
    {
        await Resume();
        await Complete();
    }

    /// <summary>
    /// The order of <c>dpm_list</c>: as devices were registered, but for consumers, which come after their suppliers
    /// (<c>device_reorder_to_tail()</c>).
    /// </summary>
    private void FindOrder()
    {
        HashSet<RuntimePmDevice> placed = [];
        foreach (RuntimePmDevice device in _core.Devices)
        {
            Place(device, placed);
        }
    }

    private void Place(RuntimePmDevice device, HashSet<RuntimePmDevice> placed)
    {
        if (!placed.Add(device))
        {
            return;
        }

        if (device.Parent is { } parent)
        {
            Place(parent, placed);
        }

        foreach (DeviceLink link in device.Suppliers)
        {
            Place(link.Supplier, placed);
        }

        _order.Add(device);
    }

    /// <summary>Who was taken away since passes through no more phases (<c>device_pm_remove()</c>).</summary>
    private void ForgetRemoved()
    {
        HashSet<RuntimePmDevice> there = [.. _core.Devices];
        _order.RemoveAll(device => !there.Contains(device));
    }

    /// <summary>Runs a callback; a test's own that throws fails, and what it threw comes out at the end.</summary>
    private static async KernelCall<int> Invoke(RuntimePmDevice device, SleepPhase phase)
    {
        try
        {
            return await device.Callbacks.InvokeSystemSleep(phase, device);
        }
        catch (Exception thrown)
        {
            return device.Core.Clock.Calls.Interrupt(thrown);
        }
    }

    /// <summary>The same under the device's lock, as the phases that bind and unbind could meet.</summary>
    private static async KernelCall<int> InvokeLocked(RuntimePmDevice device, SleepPhase phase)
    {
        using (await device.Lock.Lock())
        {
            return await Invoke(device, phase);
        }
    }

    /// <summary>What is above a device, and what it depends on.</summary>
    private static IEnumerable<RuntimePmDevice> SuperiorsOf(RuntimePmDevice device)
    {
        if (device.Parent is { } parent)
        {
            yield return parent;
        }

        foreach (DeviceLink link in device.Suppliers)
        {
            yield return link.Supplier;
        }
    }

    private static bool Has(RuntimePmDevice device, DriverSleepFlags flag) => (device.Callbacks.SleepFlags & flag) != 0;
}
