namespace VfioPm;

/// <summary>
/// The guest's driver of a device: it uses runtime PM with autosuspend, as most drivers of PCI devices do. After
/// booting it is busy.
/// </summary>
public sealed class GuestDriver : INumbered
{
    private const string Using = "guest driver uses the device";
    private const string GoingIdle = "guest driver goes idle";

    private readonly GuestDevice _device;

    internal GuestDriver(GuestDevice device, RuntimePmCallbacks callbacks)
    {
        _device = device;
        Callbacks = callbacks;
    }

    internal GuestDriver(GuestDriver original, GuestDevice device, ForkContext fork)
        : this(device, fork.Of(original.Callbacks)) => IsBusy = original.IsBusy;

    /// <summary>Whether the driver holds the device active.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>What the driver does when its device sleeps, wakes or idles.</summary>
    internal RuntimePmCallbacks Callbacks { get; }

    int INumbered.Index => _device.Virtual.Index;

    private VirtualDevice Virtual => _device.Virtual;

    /// <summary>
    /// There is work for the device: it is resumed, if it sleeps, and held (<c>pm_runtime_resume_and_get()</c>). A driver
    /// that is busy goes on.
    /// </summary>
    /// <returns>
    /// 0, or the error for which the device could not be resumed; then the driver is not busy. A host's function that is
    /// gone (<see cref="PciPmDevice.IsDisconnected"/>) is no error: the guest's PCI core resumes a device that does not
    /// answer too (<c>pci_pm_runtime_resume()</c>), and only reading its registers tells.
    /// </returns>
    public KernelResult Use()
    {
        using KernelEntry entry = _device.Call(Using);
        return entry.Run(UseDevice());
    }

    /// <summary>Begins <see cref="Use"/>.</summary>
    public PendingCall BeginUse()
    {
        using KernelEntry entry = _device.BeginCall(Using);
        return entry.Start(UseDevice());
    }

    /// <summary>
    /// The work is done: the device may sleep when the autosuspend delay is over (<c>pm_runtime_mark_last_busy()</c>,
    /// <c>pm_runtime_put_autosuspend()</c>). A driver that is idle stays so.
    /// </summary>
    /// <returns>0, or why the device does not go idle now (<see cref="RuntimePmDevice.PutAutosuspend"/>).</returns>
    public KernelResult GoIdle()
    {
        using KernelEntry entry = _device.Call(GoingIdle);
        return entry.Run(StopUsing());
    }

    /// <summary>Begins <see cref="GoIdle"/>.</summary>
    public PendingCall BeginGoIdle()
    {
        using KernelEntry entry = _device.BeginCall(GoingIdle);
        return entry.Start(StopUsing());
    }

    /// <summary>Reads a register behind a BAR, whether or not the device is awake.</summary>
    /// <param name="bar">The BAR, 0 to 5.</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="width">1, 2, 4 or 8 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such BAR, not inside of it, or no such width.</exception>
    public MappedAccess ReadMemory(int bar, long offset, int width)
    {
        CheckAccess(bar, offset, width);
        using KernelEntry entry = _device.Call("guest driver reads memory");
        return entry.Run(Virtual.ReadMemory(_device.Guest.RuntimePm.Kernel, bar, offset, width));
    }

    /// <summary>Writes a register behind a BAR, whether or not the device is awake.</summary>
    /// <param name="bar">The BAR, 0 to 5.</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="width">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">What is written, in the low bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such BAR, not inside of it, or no such width.</exception>
    public MappedAccess WriteMemory(int bar, long offset, int width, ulong value)
    {
        CheckAccess(bar, offset, width);
        using KernelEntry entry = _device.Call("guest driver writes memory");
        return entry.Run(Virtual.WriteMemory(_device.Guest.RuntimePm.Kernel, bar, offset, width, value));
    }

    /// <summary>
    /// What probing does: the device is enabled and masters the bus, and may autosuspend once the driver drops the count that
    /// <c>local_pci_probe()</c> took for it.
    /// </summary>
    internal async KernelCall Probe(TimeSpan autosuspendDelay)
    {
        await PciPm.Enable(_device.Pci);
        await PciPm.SetMaster(_device.Pci);
        RuntimePmDevice runtime = _device.RuntimePm;
        await PmRuntime.SetAutosuspendDelay(runtime, KernelTime.Milliseconds(autosuspendDelay, nameof(autosuspendDelay)));
        await PmRuntime.UseAutosuspend(runtime, true);
        await PmRuntime.Allow(runtime);
        IsBusy = true;
    }

    /// <summary>Runs a callback of the driver; one that it does not have succeeds.</summary>
    internal KernelCall<int> Invoke(RuntimePmCallback callback) =>
        Callbacks.Has(callback) ? Callbacks.Invoke(callback, _device.RuntimePm) : 0;

    private async KernelCall<int> UseDevice()
    {
        int result = IsBusy ? 0 : await PmRuntime.ResumeAndGet(_device.RuntimePm);
        IsBusy = result >= 0;
        return result;
    }

    private async KernelCall<int> StopUsing()
    {
        if (!IsBusy)
        {
            return 0;
        }

        IsBusy = false;
        _device.RuntimePm.MarkBusy();
        return await PmRuntime.PutAutosuspend(_device.RuntimePm);
    }

    /// <summary>That of the device in the fork.</summary>
    IForkable IForkable.Fork(ForkContext fork) => fork.Of(_device).Driver;

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(IsBusy);
        hash.AddKindOf(Callbacks);
        Callbacks.AddTo(ref hash);
    }

    private static void CheckAccess(int bar, long offset, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bar);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bar, 5);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (width is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "An access has 1, 2, 4 or 8 bytes.");
        }
    }
}
