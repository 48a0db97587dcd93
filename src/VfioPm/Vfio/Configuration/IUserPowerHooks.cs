namespace VfioPm;

/// <summary>
/// How the RFC's third patch keeps runtime PM in step with the user's D-state. Called only by the rules that
/// keep a "user has asked for low power" flag (<see cref="VirtualConfiguration.IsLowPowerAsked"/>); the vfio
/// device does the counting.
/// </summary>
internal interface IUserPowerHooks : INumbered
{
    /// <summary>The user asked for low power: mark last busy, then <c>pm_runtime_put_autosuspend()</c>.</summary>
    KernelCall PutForLowPower();

    /// <summary>The user asked for D0 again: <c>pm_runtime_get_sync()</c>, its result unchecked.</summary>
    KernelCall GetForFullPower();

    /// <summary>A user's access begins while low power is asked for: <c>pm_runtime_get_noresume()</c>.</summary>
    void BeginUserAccess();

    /// <summary>That access ended, also when it failed: <c>pm_runtime_put_autosuspend()</c>.</summary>
    KernelCall EndUserAccess();

    /// <summary>
    /// A hardware access begins while low power is asked for: the parent is resumed and held, the function held
    /// without resuming it, pending requests waited for, and the function resumed if it is in D3cold
    /// (<c>vfio_pci_config_pm_runtime_get()</c>).
    /// </summary>
    KernelCall BeginHardwareAccess();

    /// <summary>
    /// That access ended: mark last busy and drop both counts without an idle check
    /// (<c>vfio_pci_config_pm_runtime_put()</c>).
    /// </summary>
    void EndHardwareAccess();
}
