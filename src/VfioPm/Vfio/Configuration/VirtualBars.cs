namespace VfioPm;

/// <summary>
/// The BARs: virtual to the user, who may size and move them without effect on the hardware, and restored in
/// the hardware where a reset behind the driver's back cleared them.
/// </summary>
internal sealed class VirtualBars : INumbered
{
    private const int BarCount = Bar.RomIndex;
    private const uint Memory64Bit = 0x4;

    private readonly VirtualConfiguration _configuration;
    private readonly FunctionFacts _facts;

    // The registers as they were when the device was opened: six BARs and the ROM (rbar).
    private readonly uint[] _registers = new uint[BarCount + 1];
    private bool _isDirty = true;

    public VirtualBars(VirtualConfiguration configuration)
    {
        _configuration = configuration;
        _facts = configuration.Facts;
        ConfigurationBytes copy = configuration.Copy;
        for (int i = 0; i < BarCount; i++)
        {
            _registers[i] = copy[RegisterOf(i), 4];
        }

        _registers[BarCount] = copy[PciRegisters.RomAddress, 4];
    }

    public VirtualBars(VirtualBars original, VirtualConfiguration configuration)
    {
        _configuration = configuration;
        _facts = original._facts;
        _registers = original._registers;
        _isDirty = original._isDirty;
    }

    /// <summary>Whether an access to the header starts within a BAR or the ROM BAR.</summary>
    public static bool Contain(ConfigurationChunk chunk) =>
        chunk.Offset is (>= PciRegisters.BaseAddress0 and < PciRegisters.BaseAddress0 + (4 * BarCount))
            or (>= PciRegisters.RomAddress and < PciRegisters.RomAddress + 4);

    public int Index => _configuration.Index;

    public IForkable Fork(ForkContext fork) => fork.Of(_configuration).Bars;

    public void MarkDirty() => _isDirty = true;

    /// <summary>
    /// Gives what the user wrote the low bits that hardware would force: read-only kind bits, and zeros up to
    /// the BAR's size (<c>vfio_bar_fixup()</c>; PCI Local Bus 3.0, section 6.2.5.1).
    /// </summary>
    public void Fixup(ConfigurationBytes copy)
    {
        if (!_isDirty)
        {
            return;
        }

        for (int i = 0; i < BarCount; i++)
        {
            BarResource bar = _facts.Bars[i];
            if (bar.Start == 0)
            {
                // Unmapped by the host is unimplemented to the user.
                copy[RegisterOf(i), 4] = 0;
                continue;
            }

            ulong addressBits = ~(bar.Length - 1);
            uint register = (copy[RegisterOf(i), 4] & (uint)addressBits) | bar.KindBits;
            copy[RegisterOf(i), 4] = register;

            // The kernel asks the register, not the resource: a 4-byte I/O BAR may pass for a 64-bit one.
            if ((register & Memory64Bit) != 0 && i + 1 < BarCount)
            {
                i++;
                copy[RegisterOf(i), 4] &= (uint)(addressBits >> 32);
            }
        }

        copy[PciRegisters.RomAddress, 4] &= RomBits();
        _isDirty = false;
    }

    /// <summary>Whether the hardware's BARs are no longer what they were (<c>vfio_need_bar_restore()</c>).</summary>
    public async KernelCall<bool> NeedRestore(IPhysicalConfiguration hardware)
    {
        for (int i = 0; i < BarCount; i++)
        {
            if (_registers[i] != 0 && await hardware.ReadByUser(RegisterOf(i), 4) != _registers[i])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes the BARs back, and INTx disable where INTx is broken (<c>vfio_bar_restore()</c>).</summary>
    public async KernelCall Restore(IPhysicalConfiguration hardware)
    {
        if (_facts.IsVirtualFunction)
        {
            return;
        }

        for (int i = 0; i < BarCount; i++)
        {
            await hardware.WriteByUser(RegisterOf(i), 4, _registers[i]);
        }

        await hardware.WriteByUser(PciRegisters.RomAddress, 4, _registers[BarCount]);
        if (_facts.IsIntxBroken)
        {
            uint command = await hardware.ReadByUser(PciRegisters.Command, 2);
            await hardware.WriteByUser(PciRegisters.Command, 2, command | PciRegisters.CommandInterruptDisable);
        }
    }

    public void AddTo(ref StateHash hash)
    {
        foreach (uint register in _registers)
        {
            hash.Add(register);
        }

        hash.Add(_isDirty);
    }

    private static int RegisterOf(int bar) => PciRegisters.BaseAddress0 + (4 * bar);

    private uint RomBits()
    {
        BarResource rom = _facts.Bars[Bar.RomIndex];
        ulong length = rom.Start != 0 ? rom.Length : _facts.IsRomShadowed ? DeviceRegions.ShadowedRomSize : 0;
        return length == 0 ? 0 : (uint)~(length - 1) | PciRegisters.RomAddressEnable;
    }
}
