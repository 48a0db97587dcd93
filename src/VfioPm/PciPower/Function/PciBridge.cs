namespace VfioPm;

/// <summary>
/// What a bridge decides for all that is below it: whether they may sleep together (<c>drivers/pci/pci.c</c>, "bridge_d3"), and
/// whether their messages get through.
/// </summary>
internal sealed class PciBridge
{
    /// <param name="obstacleToD3">Why the bridge never goes to D3 (<see cref="PortD3"/>); null for one that may.</param>
    /// <param name="passesMessagesOn">Whether functions below may have message interrupts at first.</param>
    public PciBridge(string? obstacleToD3, bool passesMessagesOn)
    {
        ObstacleToD3 = obstacleToD3;
        PassesMessagesOn = passesMessagesOn;
    }

    public PciBridge(PciBridge original)
    {
        ObstacleToD3 = original.ObstacleToD3;
        AllowsD3 = original.AllowsD3;
        SawLinkChange = original.SawLinkChange;
        PassesMessagesOn = original.PassesMessagesOn;
    }

    /// <summary>Why the kernel would never put this bridge to D3, in a sentence without its full stop; or null.</summary>
    public string? ObstacleToD3 { get; }

    /// <summary>Whether the kernel would ever put this bridge to D3 (<c>pci_bridge_d3_possible()</c>).</summary>
    public bool IsD3Possible => ObstacleToD3 is null;

    /// <summary>Whether the port may go to D3 for all that the kernel knows of what is below (<c>bridge_d3</c>).</summary>
    public bool AllowsD3 { get; set; }

    /// <summary>
    /// Whether functions below may have message interrupts (not <c>PCI_BUS_FLAGS_NO_MSI</c> of the secondary bus; sysfs
    /// <c>msi_bus</c>).
    /// </summary>
    public bool PassesMessagesOn { get; set; }

    /// <summary>Whether its driver saw that the link below changed its speed or width (<c>PCI_LINK_LBMS_SEEN</c>).</summary>
    public bool SawLinkChange { get; set; }

    /// <summary>Nobody is below yet who could mind (<c>pci_pm_init()</c>).</summary>
    public void Begin() => AllowsD3 = IsD3Possible;

    public void AddTo(ref StateHash hash)
    {
        hash.Add(IsD3Possible);
        hash.Add(AllowsD3);
        hash.Add(SawLinkChange);
        hash.Add(PassesMessagesOn);
    }
}
