namespace VfioPm;

/// <summary>
/// The interrupt that a function's pin leads to (INTx): whether a driver listens and whether the interrupt
/// controller lets it through (<c>request_irq()</c>, <c>disable_irq()</c>). Every function has a line of its own.
/// </summary>
internal sealed class InterruptLine(PciFunction hardware, PciCommand command, IInterruptHandler handler)
{
    private const int BothRegisters = PciRegisters.Command;
    private const uint Pending = (uint)PciRegisters.StatusInterrupt << 16;

    /// <summary>A copy for a fork.</summary>
    public InterruptLine(InterruptLine original, PciFunction hardware, PciCommand command, IInterruptHandler handler)
        : this(hardware, command, handler)
    {
        IsRequested = original.IsRequested;
        IsDisabled = original.IsDisabled;
    }

    /// <summary>Whether a driver listens.</summary>
    public bool IsRequested { get; private set; }

    /// <summary>Whether the interrupt controller holds the interrupt back.</summary>
    public bool IsDisabled { get; private set; }

    /// <summary>A driver begins to listen, at once or once the line is enabled (<c>IRQF_NO_AUTOEN</c>).</summary>
    public void Request(bool enable)
    {
        IsRequested = true;
        IsDisabled = !enable;
        Deliver();
    }

    /// <summary>The driver no longer listens.</summary>
    public void Free() => IsRequested = false;

    public void Disable() => IsDisabled = true;

    public void Enable()
    {
        IsDisabled = false;
        Deliver();
    }

    /// <summary>Interrupts the driver if the pin is asserted and it listens.</summary>
    public void Deliver()
    {
        if (IsRequested && !IsDisabled && hardware.IsInterruptPinAsserted)
        {
            handler.OnLineInterrupt();
        }
    }

    /// <summary>Masks the pin if an interrupt is pending (<c>pci_check_and_mask_intx()</c>).</summary>
    /// <returns>Whether one is, so that this function was the one who interrupted.</returns>
    public bool CheckAndMaskIntx() => CheckAndSetIntx(mask: true);

    /// <summary>Unmasks the pin unless an interrupt is pending (<c>pci_check_and_unmask_intx()</c>).</summary>
    /// <returns>Whether it is unmasked. A function that does not answer seems to have one pending.</returns>
    public bool CheckAndUnmaskIntx() => CheckAndSetIntx(mask: false);

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsRequested);
        hash.Add(IsDisabled);
    }

    private bool CheckAndSetIntx(bool mask)
    {
        uint before = hardware.ReadCycle(BothRegisters, 4);
        bool isPending = (before & Pending) != 0;
        if (mask != isPending)
        {
            return false;
        }

        command.SetIntx(!mask);
        return true;
    }
}
