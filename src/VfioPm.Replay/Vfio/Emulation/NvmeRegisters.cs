namespace VfioPm;

/// <summary>The emulator's NVMe drive as far as the recordings touch it: who it is, and the MSI-X table.</summary>
internal sealed class NvmeRegisters : IDeviceRegisters
{
    private const long MsiXTable = 0x2000;
    private const long MsiXPending = 0x3000;
    private const int Vectors = 65;

    // NVM Express 1.4, section 3.1.
    private static readonly RegisterFile Identity = new(
        new DeviceRegister(0x00, 0x0f01_07ff),                                  // CAP
        new DeviceRegister(0x04, 0x0040_1820),                                  // CAP, upper half
        new DeviceRegister(0x08, 0x0001_0400));                                 // VS: 1.4

    private readonly MsiXRegisters _msiX;

    public NvmeRegisters() => _msiX = new MsiXRegisters(bar: 0, MsiXTable, Vectors);

    private NvmeRegisters(NvmeRegisters original, ForkContext fork)
    {
        fork.Register(original, this);
        _msiX = new MsiXRegisters(original._msiX, fork);
    }

    public ulong Read(int bar, long offset, int width)
    {
        if (IsMsiXTable(offset))
        {
            return _msiX.Read(bar, offset, width);
        }

        long dword = offset & ~3L;
        ulong value = Identity[dword] | ((ulong)Identity[dword + 4] << 32);
        return (value >> (int)(8 * (offset - dword))) & (ulong.MaxValue >> (64 - (8 * width)));
    }

    public void Write(int bar, long offset, int width, ulong value)
    {
        if (IsMsiXTable(offset))
        {
            _msiX.Write(bar, offset, width, value);
        }
    }

    public void Reset(ResetKind kind) => _msiX.Reset(kind);

    public IForkable Fork(ForkContext fork) => new NvmeRegisters(this, fork);

    public void AddTo(ref StateHash hash) => _msiX.AddTo(ref hash);

    private static bool IsMsiXTable(long offset) => offset is >= MsiXTable and < MsiXPending;
}
