namespace VfioPm;

/// <summary>Whether a kernel would ever put a bridge to D3, which does not change while the bridge is there.</summary>
/// <param name="express">The bridge's PCI Express capability, or null.</param>
/// <param name="config">Its configuration space.</param>
/// <param name="platform">What the firmware's tables have for it, or null.</param>
/// <param name="platformOfRoot">What they have for the root port above it, which it may be itself.</param>
/// <param name="firmware">What the firmware says of the machine.</param>
/// <param name="commandLine">What the kernel was booted with.</param>
internal readonly ref struct PortD3(
    PciExpress? express,
    IPciConfiguration config,
    PlatformPower? platform,
    PlatformPower? platformOfRoot,
    Firmware firmware,
    KernelCommandLine commandLine)
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
    /// Why the bridge never goes to D3, in a sentence without its full stop; null for one that may
    /// (<c>pci_bridge_d3_possible()</c>).
    /// </summary>
    public string? Obstacle =>
        express is not { IsPort: true } ? "it is no PCI Express port"
        : commandLine.PortPm == PciePortPm.Off ? "the kernel was booted with pcie_port_pm=off"
        : express.IsHotplugBridge && !firmware.GrantsHotplug && !commandLine.HasNativePorts
            ? "it has a hotplug slot that the firmware keeps for itself"
        : commandLine.PortPm == PciePortPm.Force || IsThunderbolt || PlatformAllows ? null
        : express.IsHotplugBridge ? "it has a hotplug slot, and no firmware that manages its power and wakes it from D3"
        : Array.Exists(Blacklist, firmware.Board.Has) ? $"ports of the board {firmware.Board.Name} are known not to come back from D3"
        : firmware.Year < 2015 ? $"the firmware is of {firmware.Year}, and ports of machines before 2015 stay awake"
        : null;

    /// <summary>
    /// The firmware vouches for a port with a slot: it manages the port's power and wakes it from below D2, or says so of the
    /// root port (<c>acpi_pci_bridge_d3()</c>).
    /// </summary>
    private bool PlatformAllows =>
        express is { IsHotplugBridge: true }
        && platform is not { DeepestWakeState: <= PowerState.D2 }
        && (platform is { IsPowerManageable: true }
            || platformOfRoot is { CanWake: true, IsHotplugSafeInD3: true, DeepestWakeState: null or > PowerState.D2 });

    /// <summary><c>set_pcie_thunderbolt()</c>: even the oldest controllers come back from D3.</summary>
    private bool IsThunderbolt
    {
        get
        {
            ConfigurationSpace found = config.Found;
            return found.Read(PciRegisters.VendorId, 2) == Intel
                && config.Capabilities.Items.Any(item =>
                    item is { IsExtended: true, Id: ExtendedCapabilityId.VendorSpecific }
                    && (found.Ask(item.Offset + 4, 4) & 0xffff) == ThunderboltVsec);
        }
    }
}
