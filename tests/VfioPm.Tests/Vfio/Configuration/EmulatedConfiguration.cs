namespace VfioPm.Tests;

/// <summary>
/// The registers of the emulator that the recordings were made on, where it keeps more or fewer bits than the
/// specifications have.
/// </summary>
internal sealed class EmulatedConfiguration : IPhysicalConfiguration
{
    private const uint E1000e = 0x10D3_8086;
    private const uint I82559 = 0x1229_8086;
    private const uint Nvme = 0x0010_1B36;

    private readonly PciFunction _function;
    private readonly ConfigurationBytes _dropped;
    private readonly ConfigurationBytes _added;
    private readonly ConfigurationBytes _addedValues;

    public EmulatedConfiguration(PciFunction function)
    {
        _function = function;
        _dropped = new ConfigurationBytes(new byte[Size]);
        _added = new ConfigurationBytes(new byte[Size]);
        _addedValues = new ConfigurationBytes(new byte[Size]);

        uint model = function.ReadConfig(PciRegisters.VendorId, 4);
        if (function.Capabilities.Find(CapabilityId.Express) is { } express)
        {
            _dropped[express.Offset + ExpressRegisters.DeviceControl, 2] = 0xFFFF;
        }

        if (function.Pm is { } pm)
        {
            _dropped[pm.ControlStatusOffset, 2] = model switch
            {
                Nvme => PmRegisters.DataSelectMask,
                I82559 => 0xFFFF,
                _ => 0u,
            };

            // PME_En without the support for it.
            _added[pm.ControlStatusOffset, 2] = model == E1000e ? PmRegisters.PmeEnable : 0u;
        }
    }

    public int Size => _function.Configuration.Size;

    public uint Read(int offset, int width) => _function.ReadConfig(offset, width) | _addedValues[offset, width];

    public KernelResult Write(int offset, int width, uint value)
    {
        _addedValues[offset, width] = value & _added[offset, width];
        _function.WriteConfig(offset, width, value & ~_dropped[offset, width]);
        return KernelResult.Success;
    }

    public IForkable Fork(ForkContext fork) => throw new NotSupportedException("No recording is forked.");
}
