namespace VfioPm;

/// <summary>
/// The control of a CXL port that may keep secondary bus resets from what is below it (Compute Express Link 3.1, section
/// 8.1.5.2: CXL Extensions DVSEC for Ports).
/// </summary>
internal readonly struct CxlPort
{
    private const uint CxlVendor = 0x1e98;
    private const uint PortExtensions = 3;
    private const uint FlexBusPort = 7;
    private const int Control = 0x0c;
    private const int FlexBusStatus = 0x0e;
    private const uint HasCacheOrMemory = 0x0005;
    private const uint UnmaskReset = 0x0001;

    private readonly PciDevice _port;
    private readonly int _offset;

    private CxlPort(PciDevice port, int offset)
    {
        _port = port;
        _offset = offset;
    }

    /// <summary>Whether a reset of the bus does nothing (<c>cxl_sbr_masked()</c>): a port that does not answer masks nothing.</summary>
    public bool MasksReset => _port.ReadConfig(_offset + Control, 2) is not 0xffff and uint control && (control & UnmaskReset) == 0;

    /// <summary>Those of a bridge, or null where it is no CXL port (<c>cxl_port_dvsec()</c>).</summary>
    public static CxlPort? Find(PciDevice? bridge) => OffsetOf(bridge, PortExtensions) is { } offset ? new CxlPort(bridge!, offset) : null;

    /// <summary>Whether what is below a port speaks CXL (<c>set_pcie_cxl()</c>: its Flex Bus Port Status).</summary>
    public static bool Speaks(PciDevice port) => OffsetOf(port, FlexBusPort) is { } offset
        && (port.Hardware.Configuration.Ask(offset + FlexBusStatus, 2) & HasCacheOrMemory) != 0;

    private static int? OffsetOf(PciDevice? bridge, uint kind)
    {
        for (int i = 0; i < bridge?.Hardware.Capabilities.Items.Count; i++)
        {
            Capability item = bridge.Hardware.Capabilities.Items[i];
            if (item is { IsExtended: true, Id: ExtendedCapabilityId.DesignatedVendorSpecific }
                && (bridge.Hardware.Configuration.Ask(item.Offset + 4, 4) & 0xffff) == CxlVendor
                && bridge.Hardware.Configuration.Ask(item.Offset + 8, 2) == kind)
            {
                return item.Offset;
            }
        }

        return null;
    }

    /// <summary>Lets resets through, or not, writing only if that changes something.</summary>
    public void LetThrough(bool on)
    {
        uint before = _port.ReadConfig(_offset + Control, 2);
        uint after = on ? before | UnmaskReset : before & ~UnmaskReset;
        if (after != before)
        {
            _port.WriteConfig(_offset + Control, 2, after);
        }
    }
}
