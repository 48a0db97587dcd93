namespace VfioPm;

/// <summary>Rules about what the administrator says.</summary>
internal static class KnobRules
{
    public static readonly Rule KnobsHonoured = new StateRule(
        "knobs-honoured",
        "At rest a function whose power/control says \"on\" is active, and one whose d3cold_allowed says 0 has power.",
        "Documentation/ABI/testing/sysfs-devices-power, sysfs-bus-pci (d3cold_allowed); pm_runtime_forbid(), pci_bridge_d3_update()",
        static moment => moment.IsAtRest ? FindIgnored(moment.Host) : null);

    private static string? FindIgnored(SimulatedHost host)
    {
        foreach (PciDevice device in host.Devices)
        {
            if (device.Driver is null || !device.RuntimePm.IsEnabled || !device.Hardware.IsFedBySlot)
            {
                continue;
            }

            if (!device.RuntimePm.RuntimeAuto && device.RuntimeStatus != RuntimeStatus.Active)
            {
                return $"{device.Name} is {device.RuntimeStatus}, and power/control says on";
            }

            if (device.Power.Pm is not null && !device.D3ColdAllowed && !device.Hardware.HasPower)
            {
                return $"{device.Name} has no power, and d3cold_allowed says 0";
            }
        }

        return null;
    }
}
