namespace VfioPm.AnyCalls;

/// <summary>A rule that a kernel itself breaks, under a condition on what was done.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Kernels">Whose fault it is.</param>
/// <param name="Excuses">Whether this is what was done to the function at hand.</param>
internal sealed record KernelFault(Rule Rule, KernelProfile[] Kernels, Func<Collision, string, bool> Excuses);

/// <summary>
/// The rules that kernels themselves break, and what somebody has to do for that. Each was read in the kernel's source; a rule that is
/// broken in another way is a fault of the model, or of the rule.
/// </summary>
internal static class KernelFaults
{
    private static readonly KernelProfile[] Every = [.. KernelProfile.All];
    private static readonly KernelProfile[] Rfc = [KernelProfile.RfcV1];

    // Before 2b2c651baf1c ("Invalidate mmaps and block the access in D3hot power state"), which is of 5.19.
    private static readonly KernelProfile[] Unfenced = [KernelProfile.Linux5_10, KernelProfile.PreRfc, KernelProfile.RfcV1];

    // Before 26a17b12d7f3 ("wake-up devices around reset functions"), which is of 5.18.
    private static readonly KernelProfile[] ResettingAsleep = Unfenced;

    // 7.3 wakes the function before it looks which resets it has.
    private static readonly KernelProfile[] ProbingAsleep =
        [KernelProfile.PreRfc, KernelProfile.RfcV1, KernelProfile.Linux6_1, KernelProfile.Linux6_12];

    private static readonly KernelFault[] All =
    [
        // pci_reset_function() and vfio_pci_set_power_state() put back the COMMAND that they saved, whoever wrote it since.
        new(Rules.InterruptOwned, Every, static (done, _) => done.WasChangedUnsaved),
        new(Rules.FenceLifted, Every, static (done, _) => done.WasChangedUnsaved),

        // reset_store() knows nothing of memory_lock, under which users' power states change.
        new(Rules.ViewsAgree, Every, static (done, _) => done.WasResetWhileMoving),
        new(Rules.ViewsAgree, Every, static (done, _) => done.WasResetWithAnother),
        new(Rules.ViewsAgree, ResettingAsleep, static (done, _) => done.WasResetInD3Hot),
        new(Rules.UnpoweredAccess, Every, static (done, _) => done.WasResetWhileMoving),
        new(Rules.UnpoweredAccess, Every, static (done, how) => done.IsBeingReset && !how.Contains("reset", StringComparison.Ordinal)),

        // reset_subordinate_store() wakes neither the port nor who is below.
        new(Rules.ViewsAgree, Every, static (done, _) => done.WasResetFromAbove),
        new(Rules.BridgeAwake, Every, static (done, _) => done.WasResetFromAbove),
        new(Rules.SetAccounted, Every, static (done, _) => done.WasResetFromAbove),
        new(Rules.UnpoweredAccess, Every, static (_, how) => how.Contains("to reset_subordinate", StringComparison.Ordinal)),

        // Who opens a function in the middle of that reads ones: vfio_cap_init() finds no capability, and his writes to PMCSR go past the driver.
        new(Rules.GuestView, Every, static (done, how) => done.WasResetFromAbove && how.EndsWith("did not ask for it", StringComparison.Ordinal)),

        // reset_method_store() has each method looked for, and pci_pm_reset() reads PMCSR for that.
        new(Rules.UnpoweredAccess, ProbingAsleep, static (_, how) => how.Contains("to reset_method", StringComparison.Ordinal)),

        // rpm_resume() cancels what was queued, also where the device is active and nobody will queue it again.
        new(Rules.SleepsAgain, Every, static (done, _) => done.LostRequest),
        new(Rules.SetAccounted, Every, static (done, _) => done.LostRequest),

        // pci_bridge_d3_update() lets a bridge sleep, and does not say so to runtime PM.
        new(Rules.SleepsAgain, Every, static (done, _) => done.MayOnlyNow),

        // A card that was swapped while its port slept: whoever asks next finds out.
        new(Rules.ViewsAgree, Every, static (done, _) => done.WasPulled),
        new(Rules.ResetResets, Every, static (done, _) => done.WasPulled),

        // Who frees a vector masks it (pci_msix_mask()), also of a card that pciehp has given up, whoever is in its slot by now.
        new(Rules.UnpoweredAccess, Every, static (done, how) => done.WasPulled && how.Contains("BAR", StringComparison.Ordinal)),

        // pci_stop_dev() silences the PME of what it removes before it wakes that.
        new(Rules.UnpoweredAccess, Every, static (_, how) => how.Contains("configuration space", StringComparison.Ordinal) && how.Contains("to remove", StringComparison.Ordinal)),

        // dev_rescan_store() waits for pci_rescan_remove_lock, whose holder waits for it to return where he removes the function (kernfs_drain()).
        new(Rules.NoWaitForever, Every, static (done, _) => done.Entanglement?.Contains("to rescan", StringComparison.Ordinal) is true),

        // pci_bus_unlock() unlocks who is on the bus by then: who was removed meanwhile stays locked, and somebody may wait for that.
        new(Rules.NoWaitForever, Every, static (done, how) => done.LockLeftBehind is { } left && how.Contains($"waits for {left}", StringComparison.Ordinal)),

        // Its sriov_numvfs_store() takes pci_rescan_remove_lock with the lock of the function, and who removes that takes them the other way round.
        new(Rules.NoWaitForever, [KernelProfile.Linux7_3], static (done, _) => done.Entanglement?.Contains("to sriov_numvfs", StringComparison.Ordinal) is true),

        // Its sriov_numvfs_store() has memory_lock over the binding of the virtual functions.
        new(Rules.LockOrder, [KernelProfile.Linux6_12], static (_, how) => how.Contains("EnableUnderMemoryLock", StringComparison.Ordinal)),

        // vfio_pci_memory_lock_and_enable() has the function decode its table of vectors, or its ROM, and does not look whether it is in D0.
        new(Rules.UnpoweredAccess, Every, static (done, how) => done.IsAskedToSleep && how.Contains("sets interrupts", StringComparison.Ordinal)),
        new(Rules.UnpoweredAccess, Every, static (done, how) => done.IsAskedToSleep && how.Contains("asks about a region", StringComparison.Ordinal)),

        // Memory is not taken from a user who puts its function to sleep.
        new(Rules.FenceHolds, Unfenced, static (done, _) => done.IsAskedToSleep),
        new(Rules.UnpoweredAccess, Unfenced, static (done, _) => done.IsAskedToSleep || done.SleepsByUser),

        // Their close gives the interrupts up before it wakes the function.
        new(Rules.UnpoweredAccess, [KernelProfile.Linux5_10, KernelProfile.PreRfc], static (_, how) => how.EndsWith("(closed)", StringComparison.Ordinal)),

        // The RFC's resets go behind runtime PM, and its loop after that of a set resumes the wrong function.
        new(Rules.ViewsAgree, Rfc, static (done, _) => done.WasResetAsleep),
        new(Rules.GuestView, Rfc, static (done, _) => done.WasResetAsleep),
        new(Rules.SetAccounted, Rfc, static (done, _) => done.WasResetAsleep),
        new(Rules.BridgeAwake, Rfc, static (done, _) => done.WasResetAsleep),

        // Nothing keeps one thread of the user from asking for D0 while another's D3hot is under way: it is in D0 still, and so it is not asked for.
        new(Rules.GuestView, [KernelProfile.Linux5_10, KernelProfile.PreRfc], static (_, how) => how.EndsWith("did not ask for it", StringComparison.Ordinal)),

        // A physical function sleeps under its virtual ones: f4162eb1e2fc ("Change the PF power state to D0 before enabling VFs") is of 5.19.
        new(Rules.BridgeAwake, Unfenced, static (_, how) => how.Contains("whose virtual function", StringComparison.Ordinal)),

        // It wakes no physical function for its virtual ones: f4162eb1e2fc ("Avoid setting D3hot with VFs") is of 5.19.
        new(Rules.UnpoweredAccess, Rfc, static (_, how) => how.Contains("to sriov_numvfs", StringComparison.Ordinal)),

        // Its failed open gives no count back.
        new(Rules.UsageBalanced, Rfc, static (done, _) => done.HasFailedOpen),
        new(Rules.GuestView, Rfc, static (done, _) => done.HasFailedOpen),

        // Its accesses look twice at the flag that says who asked for low power, and another may change it between.
        new(Rules.UsageBalanced, Rfc, static (done, _) => done.WasReadAsleep),

        // Its D3hot is D3cold where the platform can, and none at all where the user is back within the delay.
        new(Rules.ContextKept, Rfc, static (done, _) => done.IsAskedToSleep),
        new(Rules.ResetResets, Rfc, static (done, _) => !done.HasSleptSinceAsked),

        // vfio_pci_config_pm_runtime_put() looks at nobody's idleness.
        new(Rules.SleepsAgain, Rfc, static (done, _) => done.WasReadAsleep || done.WasReadThrough),
    ];

    /// <summary>Whether a kernel breaks a rule where this was done.</summary>
    public static bool Excuse(KernelProfile profile, Rule rule, string how, Collisions collisions) => Array.Exists(
        All,
        fault => fault.Rule == rule && fault.Kernels.Contains(profile) && collisions.NamedIn(how).Any(done => fault.Excuses(done, how)));
}
