namespace VfioPm;

/// <summary>A function's pin (INTx) for its driver: the line that it leads to, and the bits that mask it at the function.</summary>
internal sealed class InterruptPin(PciFunction hardware, PciCommand command, MessageInterrupts messages, InterruptLine? line)
{
    private const int BothRegisters = PciRegisters.Command;
    private const uint Pending = (uint)PciRegisters.StatusInterrupt << 16;

    // Whether the function uses the line (irq_managed).
    private bool _isManaged;

    /// <summary>A copy for a fork.</summary>
    public InterruptPin(
        InterruptPin original, PciFunction hardware, PciCommand command, MessageInterrupts messages, InterruptLine? line)
        : this(hardware, command, messages, line) => _isManaged = original._isManaged;

    /// <summary>
    /// The line is the function's from now on (<c>acpi_pci_irq_enable()</c>), unless messages are in its place (<c>pcibios_enable_device()</c>).
    /// </summary>
    public void Enable()
    {
        if (line is not null && !_isManaged && messages.Kind == MessageKind.None)
        {
            _isManaged = true;
            line.Register();
        }
    }

    /// <summary><c>acpi_pci_irq_disable()</c>.</summary>
    public void Disable()
    {
        if (_isManaged && messages.Kind == MessageKind.None)
        {
            _isManaged = false;
            line!.Unregister();
        }
    }

    /// <summary>Masks the pin if an interrupt is pending (<c>pci_check_and_mask_intx()</c>).</summary>
    /// <returns>Whether one is, so that this function was the one who interrupted.</returns>
    public bool CheckAndMask() => CheckAndSet(mask: true);

    /// <summary>Unmasks the pin unless an interrupt is pending (<c>pci_check_and_unmask_intx()</c>).</summary>
    /// <returns>Whether it is unmasked. A function that does not answer seems to have one pending.</returns>
    public bool CheckAndUnmask() => CheckAndSet(mask: false);

    public void AddTo(ref StateHash hash) => hash.Add(_isManaged);

    private bool CheckAndSet(bool mask)
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
