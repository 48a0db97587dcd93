namespace VfioPm;

/// <summary>
/// What a firmware offers a kernel for one function's power (<c>drivers/acpi/device_pm.c</c>): the machine's
/// (<see cref="PlatformPower"/>), or the one that a VMM writes for its guest.
/// </summary>
internal interface IPlatformPower : IForkable
{
    /// <summary>Whether the firmware can change the function's power at all (<c>acpi_pci_power_manageable()</c>).</summary>
    bool IsPowerManageable { get; }

    /// <summary>The state that the firmware was last asked for and took.</summary>
    PowerState State { get; }

    /// <summary>The deepest state that the firmware can put the function in.</summary>
    PowerState DeepestState { get; }

    /// <summary>Whether a wake signal of the function goes anywhere (<c>_PRW</c>).</summary>
    bool CanWake { get; }

    /// <summary>Whether the wake signal is asked for (<c>wakeup.prepare_count</c>).</summary>
    bool IsWakePrepared { get; }

    /// <summary>The deepest state for a function that must, or need not, be able to wake.</summary>
    PowerState DeepestStateFor(bool wake);

    /// <summary>Puts the function in a state, at most <see cref="DeepestState"/> (<c>acpi_device_set_power()</c>).</summary>
    /// <returns>0, or why the state is what it was.</returns>
    KernelCall<int> SetState(PowerState state);
}
