namespace VfioPm;

/// <summary>Rules about who reaches the hardware.</summary>
internal static class AccessRules
{
    public static readonly Rule UnpoweredAccess = new StateRule(
        "unpowered-access",
        "No access goes to hardware that has no power, nor to a BAR of a function that is not in D0.",
        "PCI Power Management 1.2, sections 5.4 and 5.4.2; vfio_device_pm_runtime_get(), __vfio_pci_memory_enabled()",
        static moment => moment.Hardware.Unanswered.Count > 0 ? FindUnpowered(moment) : null);

    public static readonly Rule FenceHolds = new StateRule(
        "fence-holds",
        "The user of a device reaches its memory, by access, mapping or exported buffer, exactly when the function is awake and"
            + " decodes it.",
        "PCI Power Management 1.2, section 5.4; vfio_pci_mmap_fault(), __vfio_pci_memory_enabled(), vfio_pci_dma_buf_move();"
            + " commit 2b2c651baf1c",
        static moment => moment.IsQuiet ? FindOpenFence(moment.Host) : null);

    private static string? FindUnpowered(Moment moment)
    {
        foreach (UnansweredAccess access in moment.Hardware.Unanswered)
        {
            bool sleeps = access.State == PowerState.D3Cold || (access.Bar is not null && access.State != PowerState.D0);

            // A card that was pulled out does not sleep, nor one that is dead: it is no hardware any more.
            if (sleeps && access.Device.Hardware is { IsFedBySlot: true, IsSilent: false })
            {
                string what = access.Bar is { } bar ? $"BAR {bar}" : "configuration space";
                return $"{what} of {access.Device.Name} was accessed in {access.State.KernelName} ({access.Cause?.What ?? "unknown"})";
            }
        }

        return null;
    }

    private static string? FindOpenFence(SimulatedHost host)
    {
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            if (device.Session is not { } session)
            {
                continue;
            }

            bool sleeps = device.Pci.Hardware is { PowerState: not PowerState.D0, IsFedBySlot: true, IsSilent: false };
            if (sleeps && session.IsMappingUsable)
            {
                return $"a mapping of {device.Pci.Name} reaches it in {device.Pci.Hardware.PowerState.KernelName}";
            }

            if ((sleeps || !session.Configuration.IsMemoryEnabled) && HasBuffer(device, isRevoked: false))
            {
                return $"an exported buffer of {device.Pci.Name} reaches it in {device.Pci.Hardware.PowerState.KernelName}"
                    + (sleeps ? "" : ", with its memory disabled");
            }
        }

        return null;
    }

    /// <summary>Whether there is an exported buffer that can be had, or one that cannot.</summary>
    public static bool HasBuffer(VfioPciDevice device, bool isRevoked)
    {
        foreach (VfioDmaBuf buffer in device.DmaBufs)
        {
            if (buffer.IsHeld && buffer.IsRevoked == isRevoked)
            {
                return true;
            }
        }

        return false;
    }
}
