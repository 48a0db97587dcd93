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

    /// <summary>
    /// Whether the firmware leaves PMEs to the kernel (<c>_OSC</c>): root ports then interrupt for them.
    /// </summary>
    public bool GrantsPme { get; init; } = true;

    /// <summary>
    /// Whether the firmware leaves errors to the kernel (<c>_OSC</c>): ports that report any then interrupt, and master the bus for it.
    /// </summary>
    public bool GrantsErrorReporting { get; init; } = true;

    /// <summary>
    /// Whether the firmware says that what it knows of below its host bridge can be used as soon as it has power (<c>_DSM</c>, "Reset
    /// Delay"): nobody waits 100 ms for it.
    /// </summary>
    public bool NeedsNoResetDelay { get; init; }

    /// <summary>The board (DMI), of which Linux knows a few whose ports must not sleep.</summary>
    public Board Board
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new("", "");

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Year);
        hash.Add(GrantsHotplug);
        hash.Add(GrantsPme);
        hash.Add(GrantsErrorReporting);
        hash.Add(NeedsNoResetDelay);
        hash.Add(Board.Vendor);
        hash.Add(Board.Name);
        hash.Add(Board.Version);
    }
}

/// <summary>What the firmware says that the board is (DMI: <c>board_vendor</c>, <c>board_name</c>, <c>board_version</c>).</summary>
/// <param name="Vendor">Who made it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
public sealed record Board(string Vendor, string Name, string Version = "")
{
    /// <summary>Who made it.</summary>
    public string Vendor { get; } = Vendor ?? throw new ArgumentNullException(nameof(Vendor));

    /// <summary>Its name.</summary>
    public string Name { get; } = Name ?? throw new ArgumentNullException(nameof(Name));

    /// <summary>Its version.</summary>
    public string Version { get; } = Version ?? throw new ArgumentNullException(nameof(Version));

    /// <summary>Whether the other's words are in this one's (<c>DMI_MATCH()</c>).</summary>
    internal bool Has(Board words) =>
        Vendor.Contains(words.Vendor, StringComparison.Ordinal)
        && Name.Contains(words.Name, StringComparison.Ordinal)
        && Version.Contains(words.Version, StringComparison.Ordinal);
}
