using System.Collections.Frozen;

namespace VfioPm;

/// <summary>
/// Attributes that Linux has below <c>/sys/bus/pci/devices/…</c> and the model has not: reading them is -ENOENT, and whoever is told so
/// hears that it is the model's.
/// </summary>
internal static class NotModelledAttributes
{
    public static FrozenSet<string> Names { get; } = FrozenSet.Create(
        "acpi_index",
        "ari_enabled",
        "boot_vga",
        "broken_parity_status",
        "consistent_dma_mask_bits",
        "dma_mask_bits",
        "index",
        "irq",
        "label",
        "link/clkpm",
        "link/l0s_aspm",
        "link/l1_1_aspm",
        "link/l1_1_pcipm",
        "link/l1_2_aspm",
        "link/l1_2_pcipm",
        "link/l1_aspm",
        "local_cpulist",
        "local_cpus",
        "modalias",
        "numa_node",
        "power/pm_qos_no_power_off",
        "power/pm_qos_resume_latency_us",
        "resource",
        "rom",
        "subsystem_device",
        "subsystem_vendor",
        "uevent",
        "vpd");
}
