namespace VfioPm;

/// <summary>
/// The registers of MSI, or the table of MSI-X, as the kernel writes them. Outside of D0 it leaves messages and
/// tables alone, and those of a function that it has given up (<c>__pci_write_msi_msg()</c>).
/// </summary>
internal readonly struct MessageRegisters(
    PciFunction hardware, SiliconConfiguration configuration, PciPower power, PciCommand command, MessageKind kind)
{
    private readonly int _offset = hardware.Capabilities
        .Find(kind == MessageKind.MsiX ? CapabilityId.MsiX : CapabilityId.Msi)?.Offset ?? 0;

    /// <summary>Whether the function has the capability.</summary>
    public bool Exist => _offset != 0;

    /// <summary>Whether the table of MSI-X lies in a BAR that there is (<c>msix_map_region()</c>).</summary>
    public bool HaveTable => !IsMsiX || hardware.FindBar(EntryOf(0).Bar) is not null;

    private int Control => _offset + MsiRegisters.MessageControl;

    private bool IsMsiX => kind == MessageKind.MsiX;

    /// <summary>
    /// Masks everything; MSI is disabled meanwhile, but MSI-X enabled: some functions show no table without.
    /// </summary>
    public void BeginSetUp()
    {
        if (IsMsiX)
        {
            UpdateControl(clear: 0, MsiRegisters.MsiXMaskAll | MsiRegisters.MsiXEnable);
            int entries = ((int)Known(MsiRegisters.MessageControl, 2) & MsiRegisters.MsiXTableSize) + 1;
            for (int vector = 0; vector < entries; vector++)
            {
                SetMask(vector, masked: true);
            }
        }
        else
        {
            UpdateControl(MsiRegisters.Enable, set: 0);
            SetMsiMasks(AllMsiMasks);
        }
    }

    public void EndSetUp() => UpdateControl(
        IsMsiX ? MsiRegisters.MsiXMaskAll : (ushort)0, IsMsiX ? (ushort)0 : MsiRegisters.Enable);

    /// <summary><c>pci_msi_shutdown()</c>, <c>pci_msix_shutdown()</c>.</summary>
    public void Disable(int vectors)
    {
        if (IsMsiX && configuration.IsDisconnected)
        {
            return;
        }

        if (IsMsiX)
        {
            for (int vector = 0; vector < vectors; vector++)
            {
                SetMask(vector, masked: true);
            }

            UpdateControl(MsiRegisters.MsiXEnable, set: 0);
        }
        else
        {
            UpdateControl(MsiRegisters.Enable, set: 0);
            SetMsiMasks(0);
        }
    }

    /// <summary>MSI-X: the table lies in memory, which the restored COMMAND may not have enabled.</summary>
    public void BeginRestore()
    {
        if (IsMsiX)
        {
            UpdateControl(clear: 0, MsiRegisters.MsiXMaskAll | MsiRegisters.MsiXEnable);
            command.Update(clear: 0, PciRegisters.CommandMemory);
        }
        else
        {
            UpdateControl(MsiRegisters.Enable, set: 0);
        }
    }

    public void EndRestore(uint command)
    {
        if (IsMsiX)
        {
            configuration.WriteNow(PciRegisters.Command, 2, command);
        }

        EndSetUp();
    }

    public void WriteMessage(int vector, int count, InterruptMessage message)
    {
        if (power.State != PowerState.D0 || configuration.IsDisconnected)
        {
            return;
        }

        if (IsMsiX)
        {
            (int bar, long entry) = EntryOf(vector);
            hardware.WriteMapped(bar, entry, 4, (uint)message.Address);
            hardware.WriteMapped(bar, entry + 4, 4, (uint)(message.Address >> 32));
            hardware.WriteMapped(bar, entry + MsiRegisters.MsiXEntryData, 4, message.Data);
            return;
        }

        uint logarithm = (uint)System.Numerics.BitOperations.Log2(
            System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count));
        UpdateControl(MsiRegisters.MultipleEnable, (ushort)(logarithm << 4));
        uint control = Known(MsiRegisters.MessageControl, 2);
        configuration.WriteNow(_offset + MsiRegisters.Address, 4, (uint)message.Address);
        if ((control & MsiRegisters.Address64) != 0)
        {
            configuration.WriteNow(_offset + MsiRegisters.UpperAddress, 4, (uint)(message.Address >> 32));
        }

        configuration.WriteNow(_offset + MsiRegisters.DataOffset(control), 2, message.Data);
    }

    /// <summary>Masks all vectors of MSI, where they can be, but those whose bits are set (<c>pci_msi_update_mask()</c>).</summary>
    public void MaskAllBut(uint listening) => SetMsiMasks(AllMsiMasks & ~listening);

    /// <summary>Masks or unmasks an entry of MSI-X's table.</summary>
    public void SetMask(int vector, bool masked)
    {
        (int bar, long entry) = EntryOf(vector);
        hardware.WriteMapped(bar, entry + MsiRegisters.MsiXEntryControl, 4, masked ? MsiRegisters.MsiXEntryMasked : 0);
    }

    /// <summary>The masks of the vectors that the function has, whoever uses them (<c>msi_multi_mask()</c>).</summary>
    private uint AllMsiMasks
    {
        get
        {
            int logarithm = (int)(Known(MsiRegisters.MessageControl, 2) & MsiRegisters.MultipleCapable) >> 1;
            return logarithm >= 5 ? uint.MaxValue : (1u << (1 << logarithm)) - 1;
        }
    }

    private void SetMsiMasks(uint masks)
    {
        uint control = Known(MsiRegisters.MessageControl, 2);
        if ((control & MsiRegisters.Maskable) != 0)
        {
            configuration.WriteNow(_offset + MsiRegisters.MaskOffset(control), 4, masks);
        }
    }

    private (int Bar, long Offset) EntryOf(int vector)
    {
        uint table = Known(MsiRegisters.MsiXTable, 4);
        return (
            (int)(table & MsiRegisters.MsiXTableBar),
            (table & ~MsiRegisters.MsiXTableBar) + ((long)vector * MsiRegisters.MsiXEntrySize));
    }

    /// <summary>What never changes: the kernel read it once, however the function sleeps now.</summary>
    private uint Known(int register, int width) => hardware.Configuration.Ask(_offset + register, width);

    private void UpdateControl(ushort clear, ushort set)
    {
        uint control = configuration.ReadNow(Control, 2);
        configuration.WriteNow(Control, 2, (control & ~(uint)clear) | set);
    }
}
