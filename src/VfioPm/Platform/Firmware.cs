namespace VfioPm;

/// <summary>What the machine's firmware says of the machine as a whole.</summary>
public sealed record Firmware
{
    /// <summary>
    /// The year of the firmware's date (DMI). Linux trusts no port of a machine from before 2015 to survive D3
    /// (<c>pci_bridge_d3_possible()</c>).
    /// </summary>
    public int Year { get; init; } = 2021;
}
