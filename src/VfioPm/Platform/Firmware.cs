namespace VfioPm;

/// <summary>What the machine's firmware says of the machine as a whole.</summary>
public sealed record Firmware
{
    /// <summary>
    /// The year of the firmware's date (DMI). Linux trusts no port of a machine from before 2015 to survive D3
    /// (<c>pci_bridge_d3_possible()</c>).
    /// </summary>
    public int Year { get; init; } = 2021;

    /// <summary>
    /// Whether the firmware leaves hotplug to the kernel (<c>_OSC</c>, <c>pciehp_is_native()</c>). A port with a hotplug
    /// slot that the firmware keeps for itself is never put to D3.
    /// </summary>
    public bool GrantsHotplug { get; init; } = true;

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Year);
        hash.Add(GrantsHotplug);
    }
}
