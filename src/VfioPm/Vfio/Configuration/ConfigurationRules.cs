namespace VfioPm;

/// <summary>
/// What differs between kernels in the virtual configuration space: which capabilities they show, and what
/// each one's registers do.
/// </summary>
/// <param name="Standard">The standard capabilities.</param>
/// <param name="Extended">The extended capabilities.</param>
internal sealed record ConfigurationRules(CapabilityCatalog Standard, CapabilityCatalog Extended)
{
    /// <summary>Linux 5.10 and the kernel before the RFC: PME is the user's, a power state is set at once.</summary>
    public static readonly ConfigurationRules BeforeRfc = new(
        StandardCapabilities.With(
            new ImmediatePowerManagementHandler(PermissionTables.PowerManagement, locksMemory: false)),
        ExtendedCapabilities.Linux6_1);

    /// <summary>The RFC: PME is hidden, a power state goes through runtime PM.</summary>
    public static readonly ConfigurationRules RfcV1 = new(
        StandardCapabilities.With(new DeferredPowerManagementHandler(PermissionTables.PowerManagementWithoutPme)),
        ExtendedCapabilities.Linux6_1);

    /// <summary>Linux 5.19 to 6.3: PME is hidden, a power state is set at once under the memory lock.</summary>
    public static readonly ConfigurationRules Linux6_1 = new(
        StandardCapabilities.With(
            new ImmediatePowerManagementHandler(PermissionTables.PowerManagementWithoutPme, locksMemory: true)),
        ExtendedCapabilities.Linux6_1);

    /// <summary>Linux 6.4 and later: as before, and designated vendor-specific capabilities are shown.</summary>
    public static readonly ConfigurationRules Linux6_12 = Linux6_1 with { Extended = ExtendedCapabilities.Linux6_4 };
}
