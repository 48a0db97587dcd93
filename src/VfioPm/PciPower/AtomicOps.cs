namespace VfioPm;

/// <summary>Atomic operations from a function to its root port (PCI Express Base, section 6.15).</summary>
internal static class AtomicOps
{
    private static readonly uint[] Widths =
    [
        ExpressRegisters.DeviceCapabilities2AtomicComplete32,
        ExpressRegisters.DeviceCapabilities2AtomicComplete64,
        ExpressRegisters.DeviceCapabilities2AtomicComplete128,
    ];

    /// <summary>
    /// Enables those that the function claims, for itself or its physical one, and the root port completes
    /// (<c>vfio_pci_info_atomic_cap()</c>).
    /// </summary>
    /// <returns>A bit for each width: 32, 64 and 128 bits.</returns>
    public static uint EnableWhatCompletes(PciDevice device)
    {
        PciDevice function = device.PhysicalFunction ?? device;
        uint claimed = ReadCapabilities(function);
        uint enabled = 0;
        for (int i = 0; i < Widths.Length; i++)
        {
            if ((claimed & Widths[i]) != 0 && TryEnableToRoot(function, Widths[i]))
            {
                enabled |= 1u << i;
            }
        }

        return enabled;
    }

    /// <summary><c>pci_enable_atomic_ops_to_root()</c>.</summary>
    private static bool TryEnableToRoot(PciDevice device, uint width)
    {
        if (device.Express is not { Type: ExpressPortType.Endpoint or ExpressPortType.LegacyEndpoint } express)
        {
            return false;
        }

        int control = express.Offset + ExpressRegisters.DeviceControl2;
        if (!HasWayToRoot(device, width, out bool hasRoot))
        {
            // Whoever hid the root port, a hypervisor, may have enabled them.
            return !hasRoot && device.Bus.Rules.TrustsEnabledAtomicOps
                && (device.ReadConfig(control, 2) & ExpressRegisters.DeviceControl2AtomicRequester) != 0;
        }

        device.WriteConfig(control, 2, device.ReadConfig(control, 2) | ExpressRegisters.DeviceControl2AtomicRequester);
        return true;
    }

    /// <summary>Whether the root port completes them, and all between pass them on.</summary>
    private static bool HasWayToRoot(PciDevice device, uint width, out bool hasRoot)
    {
        PciDevice? bridge = device.Upstream;
        bool isOpen = true;
        while (bridge is not null && bridge.Express?.Type != ExpressPortType.RootPort)
        {
            isOpen &= Routes(bridge);
            bridge = bridge.Upstream;
        }

        hasRoot = bridge is not null;
        return isOpen && bridge is not null && (ReadCapabilities(bridge) & width) != 0;
    }

    /// <summary>Whether a port of a switch passes them on.</summary>
    private static bool Routes(PciDevice bridge)
    {
        bool claims = (ReadCapabilities(bridge) & ExpressRegisters.DeviceCapabilities2AtomicRoute) != 0;
        return bridge.Express switch
        {
            { Type: ExpressPortType.UpstreamPort } express => claims
                && (bridge.ReadConfig(express.Offset + ExpressRegisters.DeviceControl2, 2) & ExpressRegisters.DeviceControl2AtomicEgressBlock) == 0,
            { Type: ExpressPortType.DownstreamPort } => claims,
            _ => true,
        };
    }

    /// <summary>Device Capabilities 2, which a first-version capability does not have (<c>pcie_capability_read_dword()</c>).</summary>
    private static uint ReadCapabilities(PciDevice device) => device.Express is { HasSecondRegisters: true } express
        ? device.ReadConfig(express.Offset + ExpressRegisters.DeviceCapabilities2, 4)
        : 0;
}
