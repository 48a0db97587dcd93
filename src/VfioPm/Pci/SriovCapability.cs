namespace VfioPm;

/// <summary>
/// The SR-IOV capability of a physical function (PCI Express Base, section 9.3.3), read from its registers as they are
/// now. It holds what its virtual functions lack: identity, memory enable and BARs.
/// </summary>
public sealed class SriovCapability
{
    private readonly ConfigurationSpace _space;

    internal SriovCapability(ConfigurationSpace space, int offset, IReadOnlyList<Bar> vfBars)
    {
        _space = space;
        Offset = offset;
        VfBars = vfBars;
    }

    /// <summary>Where the capability begins.</summary>
    public int Offset { get; }

    /// <summary>
    /// The BARs that each virtual function has; the register of each is in this capability and holds the first
    /// function's address. Those of the others follow.
    /// </summary>
    public IReadOnlyList<Bar> VfBars { get; }

    /// <summary>How many virtual functions there can be.</summary>
    public int TotalVfs => Read(SriovRegisters.TotalVfs);

    /// <summary>How many there are at first, without migration as many.</summary>
    public int InitialVfs => Read(SriovRegisters.InitialVfs);

    /// <summary>How many software wants.</summary>
    public int NumVfs => Read(SriovRegisters.NumVfs);

    /// <summary>How far the first one's routing identifier is from the physical function's.</summary>
    public int FirstVfOffset => Read(SriovRegisters.FirstVfOffset);

    /// <summary>How far each is from the one before.</summary>
    public int VfStride => Read(SriovRegisters.VfStride);

    /// <summary>The virtual functions' device ID.</summary>
    public ushort VfDeviceId => (ushort)Read(SriovRegisters.VfDeviceId);

    /// <summary>Whether the virtual functions are there.</summary>
    public bool IsVfEnabled => (Read(SriovRegisters.Control) & SriovRegisters.ControlVfEnable) != 0;

    /// <summary>Whether their BARs answer.</summary>
    public bool IsVfMemoryEnabled => (Read(SriovRegisters.Control) & SriovRegisters.ControlVfMemory) != 0;

    private int Read(int register) => (int)_space.Read(Offset + register, 2);
}
