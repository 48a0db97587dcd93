namespace VfioPm;

/// <summary>A quirk of Linux (<c>DECLARE_PCI_FIXUP_*()</c> in <c>drivers/pci/quirks.c</c>): a function whose identity it names is not what it says
/// (<see cref="PciQuirks"/>).</summary>
public sealed record PciQuirk
{
    internal PciQuirk(string name, string meaning, uint vendor, params uint[] devices)
    {
        Name = name;
        Meaning = meaning;
        Vendor = vendor;
        Devices = devices;
    }

    /// <summary>The kernel's function: "quirk_no_pm_reset".</summary>
    public string Name { get; }

    /// <summary>What the kernel does for it, in a sentence without its full stop.</summary>
    public string Meaning { get; }

    /// <summary>Which releases have it.</summary>
    public QuirkReleases Releases { get; internal init; } = QuirkReleases.All;

    internal uint Vendor { get; }

    /// <summary>The device IDs; none for any.</summary>
    internal uint[] Devices { get; }

    /// <summary>Class and subclass, or null for any.</summary>
    internal uint? Class { get; init; }

    /// <summary>What else has to be so (the first lines of the kernel's function).</summary>
    internal Func<PciIdentity, PciExpress?, bool> Condition { get; init; } = static (_, _) => true;

    /// <summary>What it changes.</summary>
    internal Func<FunctionQuirks, FunctionQuirks> Effect { get; init; } = static quirks => quirks;

    /// <inheritdoc/>
    public override string ToString() => Releases == QuirkReleases.All ? $"{Name}: {Meaning}" : $"{Name} ({Releases}): {Meaning}";

    internal bool IsFor(PciIdentity identity, PciExpress? express) =>
        Vendor == identity.Vendor
        && (Devices.Length == 0 || Devices.Contains(identity.Device))
        && (Class is null || Class == identity.Class >> 8)
        && Condition(identity, express);
}
