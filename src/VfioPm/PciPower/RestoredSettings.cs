namespace VfioPm;

/// <summary>
/// What the kernel did not save but knows how it has to be, and sets whenever it restores a function's configuration.
/// </summary>
internal static class RestoredSettings
{
    // Source Validation, Request and Completion Redirect, Upstream Forwarding (PCI Express Base 5.0, section 7.7.8).
    private const uint Isolation = 0x001d;

    /// <summary>BAR sizes are those of the resources that the kernel assigned (<c>pci_restore_rebar_state()</c>).</summary>
    public static void RestoreBarSizes(PciDevice device)
    {
        if (device.Hardware.Capabilities.FindExtended(ExtendedCapabilityId.ResizableBar) is not { Offset: int start })
        {
            return;
        }

        uint count = (device.ReadConfig(start + 0x08, 4) >> 5) & 0x7;
        for (int i = 0; i < count; i++)
        {
            int offset = start + 0x08 + (8 * i);
            uint control = device.ReadConfig(offset, 4);
            if (device.Hardware.FindBar((int)(control & 0x7)) is { } bar)
            {
                // Powers of two, from 1 MB on.
                uint size = (uint)Math.Max(0, System.Numerics.BitOperations.Log2(bar.Size) - 20);
                device.WriteConfig(offset, 4, (control & ~0x3f00u) | (size << 8));
            }
        }
    }

    /// <summary>Errors of before are no errors any more (<c>pci_aer_clear_status()</c>).</summary>
    public static void ClearErrors(PciDevice device, bool isRoot)
    {
        if (device.Hardware.Capabilities.FindExtended(ExtendedCapabilityId.AdvancedErrorReporting) is { Offset: int start })
        {
            if (isRoot)
            {
                Clear(device, start + 0x30);
            }

            Clear(device, start + 0x10);
            Clear(device, start + 0x04);
        }
    }

    /// <summary>With an IOMMU, without which there is no vfio, functions are kept apart (<c>pci_enable_acs()</c>).</summary>
    public static void EnableAccessControl(PciDevice device)
    {
        if (device.Hardware.Capabilities.FindExtended(ExtendedCapabilityId.AccessControl) is { Offset: int start })
        {
            uint can = device.ReadConfig(start + 0x04, 2);
            uint control = device.ReadConfig(start + 0x06, 2);
            device.WriteConfig(start + 0x06, 2, control | (can & Isolation));
        }
    }

    private static void Clear(PciDevice device, int offset) => device.WriteConfig(offset, 4, device.ReadConfig(offset, 4));
}
