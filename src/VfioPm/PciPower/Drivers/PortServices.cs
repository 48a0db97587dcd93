namespace VfioPm;

/// <summary>
/// What a port can do beside passing things on, and interrupts for (<c>get_port_device_capability()</c>). Of these only
/// hotplug and PMEs do anything here; but a port without any masters no bus and takes no message.
/// </summary>
internal static class PortServices
{
    /// <summary>Whether a port has any.</summary>
    public static bool HasAny(PciDevice port) =>
        HasHotplug(port) || HasNativePme(port) || ReportsErrors(port) || Contains(port) || TellsOfBandwidth(port);

    /// <summary>Whether a port has a slot, and that is the kernel's (<c>pciehp_is_native()</c>).</summary>
    public static bool HasHotplug(PciDevice port) => port.Express is { IsHotplugBridge: true, HasSlotControl: true }
        && (port.Firmware.GrantsHotplug || port.Bus.CommandLine.HasNativePorts);

    /// <summary>Whether PMEs are the kernel's (<c>pme_is_native()</c>).</summary>
    public static bool IsPmeNative(PciDevice port) => port.Firmware.GrantsPme || port.Bus.CommandLine.HasNativePorts;

    /// <summary>PMEs come to root ports.</summary>
    private static bool HasNativePme(PciDevice port) => port.Express!.HasRootControl && IsPmeNative(port);

    /// <summary>
    /// Errors are reported to root ports, too; but older kernels take whoever has the capability for one of them.
    /// </summary>
    private static bool ReportsErrors(PciDevice port) =>
        port.Hardware.Capabilities.FindExtended(ExtendedCapabilityId.AdvancedErrorReporting) is not null
        && (port.Express!.HasRootControl || port.Bus.Rules.AllPortsReportErrors)
        && AreErrorsNative(port);

    /// <summary>Downstream Port Containment is of those who report errors, or in Linux 7.3 of whoever has it where errors are the kernel's.</summary>
    private static bool Contains(PciDevice port) =>
        port.Hardware.Capabilities.FindExtended(ExtendedCapabilityId.DownstreamPortContainment) is not null
        && (port.Bus.Rules.ContainsWithoutReporting ? port.Firmware.GrantsErrorReporting : ReportsErrors(port));

    /// <summary>Whether a port is asked to tell of its link's speed and width: since Linux 6.13 (<c>pcie_bwnotif_probe()</c>).</summary>
    public static bool WatchesLink(PciDevice port) =>
        port.Bus.Rules.SwitchesSpeeds && TellsOfBandwidth(port) && !port.Quirks.HasNoBandwidthNotification;

    /// <summary>Since Linux 6.13 it is for switching speeds, where there are several.</summary>
    private static bool TellsOfBandwidth(PciDevice port) =>
        port.Express is { Type: ExpressPortType.RootPort or ExpressPortType.DownstreamPort, NotifiesOfBandwidth: true } express
        && (!port.Bus.Rules.SwitchesSpeeds || express.HasSeveralSpeeds);

    private static bool AreErrorsNative(PciDevice port) =>
        port.Firmware.GrantsErrorReporting || port.Bus.CommandLine.HasNativePorts;
}
