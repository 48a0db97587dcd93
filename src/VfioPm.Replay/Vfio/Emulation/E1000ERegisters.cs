namespace VfioPm;

/// <summary>
/// The emulator's e1000e (Intel 82574L) as far as the recordings touch it. A memory cycle of any width reaches the
/// register of its dword, from the register's lowest byte on.
/// </summary>
internal sealed class E1000ERegisters : IDeviceRegisters
{
    private const int MemoryBar = 0;
    private const int IoBar = 2;
    private const int MsiXBar = 3;
    private const int Vectors = 5;
    private const long IoAddress = 0;
    private const long IoData = 4;

    private const long InterruptCause = 0x00c0;
    private const long InterruptCauseSet = 0x00c8;
    private const long InterruptMaskSet = 0x00d0;
    private const long InterruptMaskClear = 0x00d8;
    private const uint InterruptAsserted = 0x8000_0000;

    private readonly RegisterFile _registers;
    private readonly MsiXRegisters _msiX;
    private PciFunction? _function;
    private uint _ioAddress;

    public E1000ERegisters()
    {
        _msiX = new MsiXRegisters(MsiXBar, table: 0, Vectors);
        _registers = new RegisterFile(
            new DeviceRegister(0x0000, 0x0014_0241, Writable: 0xffff_ffff),     // CTRL
            new DeviceRegister(0x0008, 0x0008_0283),                            // STATUS
            new DeviceRegister(0x0038, 0x0000_8100, Writable: 0x0000_ffff),     // VET
            new DeviceRegister(InterruptCause, 0),                              // ICR
            new DeviceRegister(InterruptMaskSet, 0),                            // IMS
            new DeviceRegister(0x1000, 0x0014_0014, Writable: 0x0000_003f),     // PBA
            new DeviceRegister(0x3800, 0, Writable: 0xffff_fff0),               // TDBAL
            new DeviceRegister(0x5400, 0x1200_5452, Writable: 0xffff_ffff),     // RAL 0
            new DeviceRegister(0x5404, 0x8000_5634, Writable: 0xffff_ffff));    // RAH 0
    }

    private E1000ERegisters(E1000ERegisters original, ForkContext fork)
    {
        fork.Register(original, this);
        _registers = original._registers.Copy();
        _msiX = new MsiXRegisters(original._msiX, fork);
        _function = fork.OfNullable(original._function);
        _ioAddress = original._ioAddress;
    }

    public void Connect(PciFunction owner) => _function = owner;

    // Eight bytes reach the device as two cycles.
    public ulong Read(int bar, long offset, int width) => width > 4
        ? ReadDword(bar, offset, 4) | (ReadDword(bar, offset + 4, 4) << 32)
        : ReadDword(bar, offset, width);

    private ulong ReadDword(int bar, long offset, int width) => bar switch
    {
        MemoryBar => Truncate(ReadRegister(offset & ~3L), width),
        IoBar => Truncate(offset == IoAddress ? _ioAddress : offset == IoData ? ReadRegister(_ioAddress) : 0, width),
        MsiXBar => _msiX.Read(bar, offset, width),
        Bar.RomIndex => OptionRom.Intel.Read(offset, width),
        _ => 0,
    };

    public void Write(int bar, long offset, int width, ulong value)
    {
        if (width > 4)
        {
            Write(bar, offset, 4, (uint)value);
            Write(bar, offset + 4, 4, value >> 32);
            return;
        }

        switch (bar)
        {
            case MemoryBar:
                WriteRegister(offset & ~3L, (uint)value);
                break;
            case IoBar when offset == IoAddress:
                _ioAddress = (uint)value;
                break;
            case IoBar when offset == IoData:
                WriteRegister(_ioAddress, (uint)value);
                break;
            case MsiXBar:
                _msiX.Write(bar, offset, width, value);
                break;
        }
    }

    // The address register of the I/O window survives every reset.
    public void Reset(ResetKind kind)
    {
        _registers.Reset();
        _msiX.Reset(kind);
    }

    public IForkable Fork(ForkContext fork) => new E1000ERegisters(this, fork);

    public void AddTo(ref StateHash hash)
    {
        _registers.AddTo(ref hash);
        _msiX.AddTo(ref hash);
        hash.Add(_ioAddress);
    }

    private static ulong Truncate(uint value, int width) => width >= 4 ? value : value & (uint.MaxValue >> (32 - (8 * width)));

    private uint ReadRegister(long offset)
    {
        uint value = _registers[offset];
        if (offset == InterruptCause)
        {
            // Reading the causes acknowledges them.
            SetCauses(0);
        }

        return value;
    }

    private void WriteRegister(long offset, uint value)
    {
        switch (offset)
        {
            case InterruptCause:
                SetCauses(_registers[InterruptCause] & ~value);
                break;
            case InterruptCauseSet:
                SetCauses(_registers[InterruptCause] | value);
                break;
            case InterruptMaskSet:
                _registers[InterruptMaskSet] |= value;
                SetCauses(_registers[InterruptCause]);
                break;
            case InterruptMaskClear:
                _registers[InterruptMaskSet] &= ~value;
                SetCauses(_registers[InterruptCause]);
                break;
            default:
                _registers.Write(offset, value);
                break;
        }
    }

    private void SetCauses(uint causes)
    {
        bool isAsserted = (causes & _registers[InterruptMaskSet] & ~InterruptAsserted) != 0;
        _registers[InterruptCause] = (causes & ~InterruptAsserted) | (isAsserted ? InterruptAsserted : 0);
        if (isAsserted)
        {
            _function?.AssertInterrupt();
        }
        else
        {
            _function?.DeassertInterrupt();
        }
    }
}
