namespace VfioPm;

/// <summary>Whether a function may wake the system by PME# (<c>drivers/pci/pci.c</c>, "wakeup").</summary>
internal sealed class PciWakeup
{
    private readonly PciPower _power;
    private readonly bool _isTakenForGranted;

    /// <param name="power">What the kernel knows of the function's power.</param>
    /// <param name="isWired">Whether a wake signal of the function goes to the firmware.</param>
    /// <param name="isTakenForGranted">Whether a port says that the function can wake, whatever it has itself.</param>
    public PciWakeup(PciPower power, bool isWired, bool isTakenForGranted)
    {
        _power = power;
        IsWired = isWired;
        _isTakenForGranted = isTakenForGranted;
    }

    /// <summary>A copy for a fork.</summary>
    public PciWakeup(PciWakeup original, PciPower power)
        : this(power, original.IsWired, original._isTakenForGranted)
    {
        Source = original.Source is { } source ? new WakeupSource(source) : null;
        IsPrepared = original.IsPrepared;
        IsPolled = original.IsPolled;
    }

    /// <summary>
    /// Whether the function can wake anybody at all (<c>device_can_wakeup()</c>). The PME service of a root port takes
    /// that for granted of all that are below it when it begins (<c>pcie_pme_mark_devices()</c>).
    /// </summary>
    public bool CanWakeUp => _isTakenForGranted || _power.Pm is { SupportsPme: true } || IsWired;

    /// <summary>Whether a wake signal of the function goes to the firmware, which tells the kernel (<c>_PRW</c>).</summary>
    public bool IsWired { get; }

    /// <summary>Whether user space wants it to (sysfs <c>power/wakeup</c>, <c>device_may_wakeup()</c>).</summary>
    public bool MayWakeUp => Source is not null;

    /// <summary>What counts the events of a function that user space wants to wake it, from then on (<c>power.wakeup</c>).</summary>
    public WakeupSource? Source { get; private set; }

    /// <summary>Whether the function is set up to wake the system (<c>wakeup_prepared</c>).</summary>
    public bool IsPrepared { get; set; }

    /// <summary>
    /// Whether the kernel looks if the function asserts PME#, since it has never heard of it in another way (<c>pme_poll</c>).
    /// </summary>
    public bool IsPolled { get; set; } = true;

    /// <summary>Whether the function can still wake the system when it has no power, where it is asked to.</summary>
    public bool AllowsD3Cold => !MayWakeUp || _power.SupportsPmeFrom(PowerState.D3Cold);

    /// <summary>
    /// User space wants the function to wake it, or does not (<c>device_set_wakeup_enable()</c>): what was counted is gone
    /// with the wish.
    /// </summary>
    public void SetMayWakeUp(bool may) => Source = may ? Source ?? new WakeupSource() : null;

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsWired);
        hash.Add(MayWakeUp);
        hash.Add(IsPrepared);
        hash.Add(IsPolled);
    }
}
