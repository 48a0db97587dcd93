namespace VfioPm;

/// <summary>
/// What a bridge decides for all that is below it: whether they may sleep together (<c>drivers/pci/pci.c</c>, "bridge_d3"), and
/// whether their messages get through.
/// </summary>
internal sealed class PciBridge
{
    public PciBridge(PciExpress? express, PlatformPower? platform, Firmware firmware)
    {
        IsHotplugSafeInD3 = platform is { DeepestWakeState: null or > PowerState.D2 };
        IsD3Possible = express is { IsPort: true }
            && (express.IsHotplugBridge ? firmware.GrantsHotplug && IsHotplugSafeInD3 : firmware.Year >= 2015);
    }

    public PciBridge(PciBridge original)
    {
        IsHotplugSafeInD3 = original.IsHotplugSafeInD3;
        IsD3Possible = original.IsD3Possible;
        AllowsD3 = original.AllowsD3;
        PassesMessagesOn = original.PassesMessagesOn;
    }

    /// <summary><c>acpi_pci_bridge_d3()</c>: the firmware manages the port's power, and it wakes from below D2.</summary>
    public bool IsHotplugSafeInD3 { get; }

    /// <summary>
    /// Whether the kernel would ever put this bridge to D3: a PCI Express port of a machine that is new enough. One with
    /// a hotplug slot only where the platform vouches for it, since in D3 it may miss a card that comes or goes
    /// (<c>pci_bridge_d3_possible()</c>).
    /// </summary>
    public bool IsD3Possible { get; }

    /// <summary>Whether the port may go to D3 for all that the kernel knows of what is below (<c>bridge_d3</c>).</summary>
    public bool AllowsD3 { get; set; }

    /// <summary>
    /// Whether functions below may have message interrupts (not <c>PCI_BUS_FLAGS_NO_MSI</c> of the secondary bus; sysfs
    /// <c>msi_bus</c>).
    /// </summary>
    public bool PassesMessagesOn { get; set; } = true;

    /// <summary>Nobody is below yet who could mind (<c>pci_pm_init()</c>).</summary>
    public void Begin() => AllowsD3 = IsD3Possible;

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsD3Possible);
        hash.Add(AllowsD3);
        hash.Add(PassesMessagesOn);
    }
}
