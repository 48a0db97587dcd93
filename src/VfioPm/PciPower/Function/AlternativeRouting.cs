namespace VfioPm;

/// <summary>
/// Functions with numbers above 7 (ARI, PCI Express 6.13): the port above a device passes on what is for them, where function 0 says
/// that there may be some.
/// </summary>
internal static class AlternativeRouting
{
    /// <summary>A function was found; only function 0 speaks for its device (<c>pci_configure_ari()</c>).</summary>
    public static void Configure(PciDevice function)
    {
        if (function is not { Address: { Device: 0, Function: 0 }, Express: not null, Upstream: { Express: { CanForwardAri: true } express } port })
        {
            return;
        }

        port.ForwardsAri = function.Hardware.Capabilities.FindExtended(ExtendedCapabilityId.AlternativeRoutingId) is not null;
        int register = express.Offset + ExpressRegisters.DeviceControl2;
        uint control = port.ReadConfig(register, 2);
        port.WriteConfig(register, 2, port.ForwardsAri
            ? control | ExpressRegisters.DeviceControl2Ari
            : control & ~(uint)ExpressRegisters.DeviceControl2Ari);
    }

    /// <summary>
    /// Whether a physical function is the one that says for all of its bus that virtual functions may have such numbers: the first
    /// (<c>sriov_init()</c>; ARI Capable Hierarchy is in the lowest-numbered one's registers alone).
    /// </summary>
    public static bool IsToldBy(PciDevice physical) => physical.Upstream is { ForwardsAri: true } port
        && !port.Downstream.Any(static function => function.Sriov is not null);
}
