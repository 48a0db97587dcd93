namespace VfioPm;

/// <summary>Whether a kernel would ever put a bridge to D3, which does not change while the bridge is there.</summary>
internal static class PortD3
{
    // VSEC ID of Intel's Thunderbolt controllers (PCI_VSEC_ID_INTEL_TBT).
    private const uint ThunderboltVsec = 0x1234;
    private const uint Intel = 0x8086;

    /// <summary>
    /// Boards whose ports are not to sleep though they are new enough (<c>bridge_d3_blacklist</c>): Gigabyte's confuses its own
    /// SMI handler, below the others nobody is reached afterwards.
    /// </summary>
    private static readonly Board[] Blacklist =
    [
        new("Gigabyte Technology Co., Ltd.", "X299 DESIGNARE EX-CF"),
        new("Elo Touch Solutions", "Geminilake", "Continental Z2"),
        new("Hewlett-Packard", "1972", "95.33"),
    ];

    /// <summary>
    /// Why a bridge never goes to D3, in a sentence without its full stop; null for one that may
    /// (<c>pci_bridge_d3_possible()</c>).
    /// </summary>
    public static string? ObstacleOf(PciDevice bridge, KernelCommandLine commandLine)
    {
        Firmware firmware = bridge.Firmware;
        bool hasSlot = bridge.Express is { IsHotplugBridge: true };
        return
            bridge.Express is not { IsPort: true } ? "it is no PCI Express port"
            : commandLine.PortPm == PciePortPm.Off ? "the kernel was booted with pcie_port_pm=off"
            : hasSlot && !firmware.GrantsHotplug && !commandLine.HasNativePorts
                ? "it has a hotplug slot that the firmware keeps for itself"
            : commandLine.PortPm == PciePortPm.Force || IsThunderbolt(bridge.Config) || PlatformAllows(bridge) ? null
            : hasSlot ? "it has a hotplug slot, and no firmware that manages its power and wakes it from D3"
            : Array.Exists(Blacklist, firmware.Board.Has) ? $"ports of the board {firmware.Board.Name} are known not to come back from D3"
            : firmware.Year < 2015 ? $"the firmware is of {firmware.Year}, and ports of machines before 2015 stay awake"
            : null;
    }

    /// <summary>
    /// The firmware vouches for a port with a slot: it manages the port's power and wakes it from below D2, or says so of the
    /// root port (<c>acpi_pci_bridge_d3()</c>).
    /// </summary>
    private static bool PlatformAllows(PciDevice port)
    {
        if (port.Express is not { IsHotplugBridge: true } || port.Platform is { DeepestWakeState: <= PowerState.D2 })
        {
            return false;
        }

        return port.Platform is { IsPowerManageable: true }
            || RootPortOf(port)?.Platform is
            { CanWake: true, IsHotplugSafeInD3: true, DeepestWakeState: null or > PowerState.D2 };
    }

    /// <summary><c>pcie_find_root_port()</c>.</summary>
    private static PciDevice? RootPortOf(PciDevice port)
    {
        PciDevice? device = port;
        while (device is not null and not { Express.Type: ExpressPortType.RootPort })
        {
            device = device.Upstream;
        }

        return device;
    }

    /// <summary><c>set_pcie_thunderbolt()</c>: even the oldest controllers come back from D3.</summary>
    private static bool IsThunderbolt(IPciConfiguration function) =>
        function.Found.Read(PciRegisters.VendorId, 2) == Intel
        && function.Capabilities.Items.Any(item =>
            item is { IsExtended: true, Id: ExtendedCapabilityId.VendorSpecific }
            && (function.Found.Read(item.Offset + 4, 4) & 0xffff) == ThunderboltVsec);
}
