namespace VfioPm;

/// <summary>COMMAND of a function of the host, for who must not wait: interrupts are masked in it.</summary>
internal sealed class PciCommand(SiliconConfiguration configuration)
{
    /// <summary>Lets the function assert its pin, or not (<c>pci_intx()</c>).</summary>
    public void SetIntx(bool enable) => Update(
        clear: enable ? PciRegisters.CommandInterruptDisable : 0u,
        set: enable ? 0u : PciRegisters.CommandInterruptDisable);

    /// <summary>Clears and sets bits, writing only if something changes.</summary>
    public void Update(uint clear, uint set)
    {
        uint before = configuration.ReadNow(PciRegisters.Command, 2);
        uint after = (before & ~clear) | set;
        if (after != before)
        {
            configuration.WriteNow(PciRegisters.Command, 2, after);
        }
    }
}
