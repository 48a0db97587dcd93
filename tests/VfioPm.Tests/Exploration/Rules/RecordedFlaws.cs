namespace VfioPm.Tests;

/// <summary>A rule that a recorded kernel breaks, by a fault of its own or of who used it.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Profiles">Whose recordings show it.</param>
/// <param name="Why">What the fault is, and where.</param>
/// <param name="Explains">Whether it is what broke the rule here.</param>
internal sealed record RecordedFlaw(Rule Rule, KernelProfile[] Profiles, string Why, Func<RecordedBreach, bool> Explains);

/// <summary>What the rules find in recordings of real kernels: each a true finding, argued here.</summary>
internal static class RecordedFlaws
{
    // Those who keep the kernel hear of it first.
    private const string Unreported = "a fault of the kernel that is not told here";

    private static readonly KernelProfile[] Every = [.. KernelProfile.All];
    private static readonly KernelProfile[] Rfc = [KernelProfile.RfcV1];
    private static readonly KernelProfile[] Current = [KernelProfile.Linux6_1, KernelProfile.Linux6_12, KernelProfile.Linux7_3];
    private static readonly KernelProfile[] Older = [KernelProfile.Linux6_1, KernelProfile.Linux6_12];
    private static readonly KernelProfile[] Newest = [KernelProfile.Linux6_12, KernelProfile.Linux7_3];
    private static readonly KernelProfile[] Unfenced = [KernelProfile.Linux5_10, KernelProfile.PreRfc, KernelProfile.RfcV1];

    public static IReadOnlyList<RecordedFlaw> All { get; } =
    [
        .. FromRoot(Rules.ViewsAgree, Rules.FenceHolds, Rules.FenceLifted, Rules.GuestView),
        new(
            Rules.UnpoweredAccess,
            [KernelProfile.Linux6_1],
            "root put the function into D3hot, and the kernel, which does not know, lets its user through",
            static breach => breach.WasMeddledWith && breach.How.Contains("BAR", StringComparison.Ordinal)),
        new(
            Rules.FenceLifted,
            Every,
            Unreported,
            static breach => breach.HasCommandWrittenAsleep && breach.How.Contains("disabled", StringComparison.Ordinal)),
        new(
            Rules.FenceHolds,
            [KernelProfile.Linux6_1],
            Unreported,
            static breach => breach.HasAskedFor(PowerState.D1, PowerState.D2)),
        new(
            Rules.UnpoweredAccess,
            [KernelProfile.Linux6_1],
            Unreported,
            static breach => breach.HasAskedFor(PowerState.D1, PowerState.D2) && breach.How.Contains("BAR", StringComparison.Ordinal)),
        new(
            Rules.UnpoweredAccess,
            Older,
            "reset_method_store() has pci_pm_reset() read PMCSR of a function that sleeps",
            static breach => breach.How.Contains("to reset_method", StringComparison.Ordinal)),
        new(
            Rules.UnpoweredAccess,
            Current,
            Unreported,
            static breach => breach.How.Contains("to remove", StringComparison.Ordinal)),
        new(Rules.SleepsAgain, Current, Unreported, static breach => breach.HasWritten("remove")),
        new(Rules.SleepsAgain, Newest, Unreported, static breach => breach.HasWritten("d3cold_allowed")),
        new(Rules.SetAccounted, [KernelProfile.Linux6_12], Unreported, static breach => breach.HasWritten("d3cold_allowed")),
        new(Rules.ViewsAgree, Older, Unreported, static breach => breach.Has("suspend")),
        .. FromAbove(Rules.UnpoweredAccess, Rules.ViewsAgree, Rules.FenceLifted, Rules.BridgeAwake),
        new(
            Rules.FenceLifted,
            Current,
            Unreported,
            static breach => breach.HasVirtualFunctionInSlot),
        new(
            Rules.InterruptOwned,
            Current,
            Unreported,
            static breach => breach.IsOfThreads && breach.Has("reset") && breach.Has("set_irqs")),
        new(
            Rules.LockOrder,
            [KernelProfile.Linux6_12],
            "vfio_pci_core_sriov_configure() has memory_lock while virtual functions are bound",
            static breach => breach.How.Contains("EnableUnderMemoryLock", StringComparison.Ordinal)),

        new(
            Rules.FenceHolds,
            Unfenced,
            "before 2b2c651baf1c nothing took a sleeping function's memory from its user",
            static breach => breach.HasAskedForSleep),
        new(
            Rules.UnpoweredAccess,
            [KernelProfile.PreRfc, KernelProfile.RfcV1],
            "the same",
            static breach => breach.HasAskedForSleep && breach.How.Contains("BAR", StringComparison.Ordinal)),

        new(
            Rules.UnpoweredAccess,
            Rfc,
            "its resets and ioctls wake nobody, and its user's write to PMCSR may find the function in D3cold",
            static breach => breach.HasAskedForSleep && breach.How.Contains("configuration space", StringComparison.Ordinal)),
        .. AfterItsResets(Rules.ViewsAgree, Rules.BridgeAwake, Rules.GuestView, Rules.SetAccounted),
        new(
            Rules.FenceLifted,
            Rfc,
            "nothing restores COMMAND after a reset of a function in D3cold",
            static breach => breach.HasAskedForSleep && breach.Has("reset", "hot_reset", "close")),
        new(
            Rules.InterruptOwned,
            Rfc,
            "nothing masks INTx again after a function lost its registers",
            static breach => breach.HasAskedForSleep),
        new(
            Rules.SleepsAgain,
            Rfc,
            "vfio_pci_config_pm_runtime_put() lets nobody look whether the port is idle",
            static breach => breach.HasAskedForSleep),
    ];

    private static IEnumerable<RecordedFlaw> FromRoot(params Rule[] rules) => rules.Select(static rule => new RecordedFlaw(
        rule,
        Every,
        "root wrote to registers behind the kernel's back, which it lets him",
        static breach => breach.WasMeddledWith));

    private static IEnumerable<RecordedFlaw> FromAbove(params Rule[] rules) => rules.Select(static rule => new RecordedFlaw(
        rule,
        [KernelProfile.Linux7_3],
        Unreported,
        static breach => breach.HasWritten("reset_subordinate")));

    private static IEnumerable<RecordedFlaw> AfterItsResets(params Rule[] rules) => rules.Select(static rule => new RecordedFlaw(
        rule,
        Rfc,
        "its resets go behind runtime PM, and after that of a set it resumes the function that was reset through",
        static breach => breach.Has("reset", "hot_reset", "close")));
}
