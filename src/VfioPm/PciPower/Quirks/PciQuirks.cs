namespace VfioPm;

/// <summary>The quirks that Linux has (<c>drivers/pci/quirks.c</c>), as far as they are modelled.</summary>
public static class PciQuirks
{
    private static readonly FunctionQuirks None = new();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PciQuirk> All => QuirkTable.All;

    /// <summary>Those that a function made from an image meets, on any release.</summary>
    public static IReadOnlyList<PciQuirk> Of(DeviceImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var found = new ConfigurationSpace(new ConfigurationLayout(image.Space));
        PciExpress? express = PciExpress.Find(found, image.Capabilities);
        return [.. QuirkTable.All.Where(quirk => quirk.IsFor(PciIdentity.In(found), express))];
    }

    /// <summary>What a kernel makes of a function of such an identity.</summary>
    internal static FunctionQuirks Of(PciIdentity identity, PciExpress? express, QuirkReleases release)
    {
        FunctionQuirks found = None;
        foreach (PciQuirk quirk in QuirkTable.All)
        {
            if ((quirk.Releases & release) != 0 && quirk.IsFor(identity, express))
            {
                found = quirk.Effect(found);
            }
        }

        return found;
    }
}
