namespace VfioPm;

/// <summary>Rules about what a user reads and may do.</summary>
internal static class UserViewRules
{
    public static readonly Rule GuestView = new StateRule(
        "guest-view",
        "Who was reset reads D0: what the user of an open device reads in PMCSR is not a state that is over.",
        "PCI Power Management 1.2, section 5.4 (every reset leads to D0); notes on the RFC (resets go behind runtime PM)",
        static moment => moment.IsQuiet ? FindStaleState(moment.Host) : null);

    public static readonly Rule FenceLifted = new StateRule(
        "fence-lifted",
        "Memory that the user of an awake device has enabled is decoded, and what he has disabled is not: no sleep or reset takes"
            + " from him what he may have, a buffer that he exported neither, or gives him what he gave up.",
        "vfio_basic_config_write(), vfio_pci_set_power_state() (pm_save), vfio_pci_dma_buf_move(); notes on the RFC (a reset in"
            + " D3cold clears COMMAND)",
        static moment => moment.IsQuiet ? FindLostMemory(moment.Host) : null);

    private static string? FindStaleState(SimulatedHost host)
    {
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            // A function that the administrator keeps on is not asleep, and its user may have asked for that all the same.
            int ofOthers = device.Pci.UsageCount - (device.Pci.RuntimePm.RuntimeAuto ? 0 : 1);
            bool sleepsByName = device.Pci.RuntimeStatus == RuntimeStatus.Suspended || ofOthers > 0;
            if (device.PowerStateShown == PowerState.D3Hot && sleepsByName && device.Pci.Hardware is { PowerState: PowerState.D0, Answers: true })
            {
                return $"the user of {device.Pci.Name} reads D3hot, and it is in D0 by now";
            }
        }

        return null;
    }

    private static string? FindLostMemory(SimulatedHost host)
    {
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            PciFunction hardware = device.Pci.Hardware;
            if (device.Session is not { } session || device.Pci.IsVirtualFunction
                || hardware.PowerState != PowerState.D0 || !hardware.Answers || device.Pci.RuntimeStatus != RuntimeStatus.Active)
            {
                continue;
            }

            bool isDecoded = hardware.Configuration.Has(PciRegisters.Command, 2, PciRegisters.CommandMemory);
            if (session.Configuration.IsMemoryEnabled != isDecoded)
            {
                return isDecoded
                    ? $"the user of {device.Pci.Name} disabled its memory, and it is decoded"
                    : $"the user of {device.Pci.Name} enabled its memory, and it is not decoded";
            }

            if (session.IsMappingUsable && AccessRules.HasBuffer(device, isRevoked: true))
            {
                return $"the user of {device.Pci.Name} may access its memory, and a buffer that he exported is revoked";
            }
        }

        return null;
    }
}
