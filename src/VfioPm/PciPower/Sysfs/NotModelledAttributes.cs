namespace VfioPm;

/// <summary>
/// Attributes that Linux has below <c>/sys/bus/pci</c> and the model has not: reading them is -ENOENT, and whoever is told so hears that it is
/// the model's. What Linux has not either, of this function on this kernel, is no such attribute.
/// </summary>
internal static class NotModelledAttributes
{
    /// <summary>Each with those that have it; null stands for the bus itself.</summary>
    public static IReadOnlyList<(string Name, Func<PciDevice?, bool> IsThere)> All { get; } =
    [
        .. Of(
            static _ => true,
            "ari_enabled",
            "broken_parity_status",
            "config",
            "consistent_dma_mask_bits",
            "dma_mask_bits",
            "irq",
            "local_cpulist",
            "local_cpus",
            "modalias",
            "numa_node",
            "resource",
            "subsystem_device",
            "subsystem_vendor",
            "uevent"),
        .. Of(static device => device.Vpd is not null, "vpd"),
        .. Of(static device => PciIdentity.In(device.Hardware.Configuration).Class >> 8 == VgaController, "boot_vga"),
        .. Of(
            static device => device is { Express: not null, Upstream.Express: not null },
            "link/clkpm",
            "link/l0s_aspm",
            "link/l1_1_aspm",
            "link/l1_1_pcipm",
            "link/l1_2_aspm",
            "link/l1_2_pcipm",
            "link/l1_aspm"),
        .. Of(HasErrorReporting, "aer_dev_correctable", "aer_dev_fatal", "aer_dev_nonfatal"),
        .. Of(
            static device => HasErrorReporting(device) && device.Express is { Type: ExpressPortType.RootPort },
            "aer_rootport_total_err_cor",
            "aer_rootport_total_err_fatal",
            "aer_rootport_total_err_nonfatal"),
        .. Of(static device => device.Sriov is not null, "sriov_vf_total_msix"),
        .. Of(static device => device.IsVirtualFunction, "sriov_vf_msix_count"),
        ("drivers_autoprobe", static device => device is null),
        ("resource_alignment", static device => device is null),
    ];

    private const int VgaController = 0x0300;

    private static bool HasErrorReporting(PciDevice device) =>
        device.Config.Capabilities.FindExtended(ExtendedCapabilityId.AdvancedErrorReporting) is not null;

    private static IEnumerable<(string Name, Func<PciDevice?, bool> IsThere)> Of(Func<PciDevice, bool> isThere, params string[] names) =>
        names.Select(name => (name, (Func<PciDevice?, bool>)(device => device is not null && isThere(device))));
}
