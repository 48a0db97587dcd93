namespace VfioPm;

/// <summary>
/// The emulator's i82559 as far as the recordings touch it: the same control and status registers behind a memory
/// and an I/O BAR. Only a command of its own resets them.
/// </summary>
internal sealed class I82559Registers : IDeviceRegisters
{
    private const int FlashBar = 2;
    private const long Port = 0x08;
    private const uint PortSoftwareReset = 0;

    // Interrupts masked, and what reading the EEPROM left: from boot until a scenario resets the device.
    private const long InterruptMask = 0x03;
    private const long Eeprom = 0x0c;

    private readonly byte[] _bytes = new byte[0x40];
    private readonly UnknownBytes _unknown;

    /// <param name="unknown">What an earlier scenario may have reset.</param>
    public I82559Registers(UnknownBytes unknown)
    {
        _unknown = unknown;
        _bytes[InterruptMask] = 0x01;
        _bytes[Eeprom] = 0x08;
    }

    private I82559Registers(I82559Registers original, ForkContext fork)
    {
        fork.Register(original, this);
        original._bytes.CopyTo(_bytes, 0);
        _unknown = fork.Of(original._unknown);
    }

    public static UnknownBytes MakeUnknown() => new(InterruptMask, Eeprom);

    public ulong Read(int bar, long offset, int width)
    {
        if (bar == Bar.RomIndex)
        {
            return OptionRom.Intel.Read(offset, width);
        }

        ulong value = 0;
        for (int i = 0; i < width && IsRegister(bar, offset + i); i++)
        {
            _unknown.OnRead(offset + i, 1);
            value |= (ulong)_bytes[offset + i] << (8 * i);
        }

        return value;
    }

    public void Write(int bar, long offset, int width, ulong value)
    {
        if (offset == Port)
        {
            if (value == PortSoftwareReset && IsRegister(bar, offset))
            {
                Array.Clear(_bytes);
                _unknown.Learn(0, _bytes.Length);
            }

            return;
        }

        for (int i = 0; i < width && IsRegister(bar, offset + i); i++)
        {
            _bytes[offset + i] = (byte)(value >> (8 * i));
            _unknown.Learn(offset + i, 1);
        }
    }

    public void Reset(ResetKind kind)
    {
    }

    public IForkable Fork(ForkContext fork) => new I82559Registers(this, fork);

    public void AddTo(ref StateHash hash)
    {
        hash.Add(_bytes);
        _unknown.AddTo(ref hash);
    }

    private bool IsRegister(int bar, long offset) => bar < FlashBar && offset < _bytes.Length;
}
