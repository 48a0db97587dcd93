namespace VfioPm;

/// <summary>Rules about what a user reads and may do.</summary>
internal static class UserViewRules
{
    public static readonly Rule FenceLifted = new StateRule(
        "fence-lifted",
        "Memory that the user of an awake device has enabled is decoded and reached, and what he has disabled is not: no sleep or reset"
            + " takes from him what he may have, a buffer that he exported neither, or gives him what he gave up.",
        "vfio_basic_config_write(), vfio_pci_set_power_state() (pm_save), vfio_pci_dma_buf_move(); notes on the RFC (a reset in"
            + " D3cold clears COMMAND); review of its versions 2 and 3 (20220504134551: the driver's own note of the state does not follow it)",
        static moment => moment.IsQuiet ? FindLostMemory(moment.Host) : null);

    private static string? FindLostMemory(SimulatedHost host)
    {
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            PciFunction hardware = device.Pci.Hardware;
            if (device.Session is not { } session || device.Pci.IsVirtualFunction
                || hardware.PowerState != PowerState.D0 || !device.Pci.AnswersKernel || device.Pci.RuntimeStatus != RuntimeStatus.Active)
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

            // Where the kernel believes it to be elsewhere, views-agree tells.
            if (isDecoded && !session.IsMemoryEnabled && device.Pci.PowerState == PowerState.D0)
            {
                return $"the user of {device.Pci.Name} enabled its memory, it is in D0, and he is kept from it";
            }

            if (session.IsMappingUsable && AccessRules.HasBuffer(device, isRevoked: true))
            {
                return $"the user of {device.Pci.Name} may access its memory, and a buffer that he exported is revoked";
            }
        }

        return null;
    }
}
