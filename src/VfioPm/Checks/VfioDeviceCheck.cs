namespace VfioPm;

/// <summary>
/// Questions about what a VMM holds of a device, and about what its guest sees: whether it is open, whether memory can be
/// reached, whether it may sleep. None of them wakes the function, except <see cref="Reads"/>.
/// </summary>
public static class VfioDeviceCheck
{
    /// <summary>The VMM's descriptor is open.</summary>
    public static StateCheck IsOpen(VfioDeviceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return OpenCheck(file, "to be open", () => !file.IsClosed);
    }

    /// <summary>The VMM has closed its descriptor. A mapping may keep the device open all the same.</summary>
    public static StateCheck IsClosed(VfioDeviceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return OpenCheck(file, "to be closed", () => file.IsClosed);
    }

    /// <summary>
    /// The kernel lets the user at the device's memory, by reads and writes and by mappings. What the hardware makes of an
    /// access is another matter.
    /// </summary>
    public static StateCheck HasMemoryAccess(VfioDeviceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new StateCheck(
            ClockOf(file),
            subject: NameOf(file),
            expected: "to have access to memory",
            holds: () => !MemoryFences.Of(file).Any(),
            found: () => MemoryFences.Of(file).Any() ? "the kernel refuses it" : "the kernel lets it through",
            explanation: () => Explain(file).List("It is refused because:", MemoryFences.Of(file)));
    }

    /// <summary>
    /// The kernel keeps the user from the device's memory: reads and writes return -EIO, or accesses of mappings end in
    /// SIGBUS.
    /// </summary>
    public static StateCheck HasMemoryFenced(VfioDeviceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new StateCheck(
            ClockOf(file),
            subject: NameOf(file),
            expected: "to have no access to memory",
            holds: () => MemoryFences.Of(file).Any(),
            found: () => MemoryFences.Of(file).Any() ? "the kernel refuses it" : "the kernel lets it through",
            explanation: () => Explain(file).Last(file.Device.RuntimePm, TraceKind.Operation));
    }

    /// <summary>
    /// The user permits the device to sleep (<c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY</c>; under the RFC, D3hot in PMCSR).
    /// Whether it sleeps is another matter.
    /// </summary>
    public static StateCheck PermitsSleep(VfioDeviceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return SleepCheck(file, "to permit the device to sleep", wanted: true);
    }

    /// <summary>The user keeps the device from sleeping: he has not permitted it, or no longer does.</summary>
    public static StateCheck ForbidsSleep(VfioDeviceFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return SleepCheck(file, "not to permit the device to sleep", wanted: false);
    }

    /// <summary>What the guest would read in PMCSR, if reading it woke nobody.</summary>
    public static StateCheck ShowsPowerState(VfioDeviceFile file, PowerState expected)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new StateCheck(
            ClockOf(file),
            subject: $"the guest of {file.Device.Pci.Name}",
            expected: $"to be shown {expected} in PMCSR",
            holds: () => file.Device.PowerStateShown == expected,
            found: () => file.Device.PowerStateShown is { } shown ? $"it is shown {shown}" : "it is shown nothing",
            explanation: () => Explain(file)
                .Last(file.Device.RuntimePm, TraceKind.GuestState, TraceKind.Operation));
    }

    /// <summary>
    /// The eventfd that the user passed along with <c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP</c> was signalled,
    /// once: the device was woken, by whomever.
    /// </summary>
    public static StateCheck HasSignalledWakeup(VfioDeviceFile file, EventFd wakeup)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(wakeup);
        return new StateCheck(
            ClockOf(file),
            subject: NameOf(file),
            expected: "to have been told once of a wakeup",
            holds: () => wakeup.Count == 1,
            found: () => $"the eventfd was signalled {TimesText.Of(wakeup.Count)}",
            explanation: () => Explain(file)
                .List("It is not signalled because:", WakeupObstacles(file, wakeup))
                .Last(file.Device.RuntimePm, TraceKind.RuntimeStatus));
    }

    /// <summary>What a guest reads in a register. Looking reads it, and like any access that may wake the function.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The register is outside, or not 1, 2 or 4 bytes wide.</exception>
    public static StateCheck Reads(VfioConfigRegion region, int offset, int width, uint expected)
    {
        ArgumentNullException.ThrowIfNull(region);
        uint found = 0;
        return new StateCheck(
            region.Device.Core.Clock,
            subject: $"the guest of {region.Device.Name}",
            expected: $"to read {RegisterText.Of(expected, width)} at 0x{offset:x2}",
            holds: () => (found = region.Read(offset, width)) == expected,
            found: () => $"it reads {RegisterText.Of(found, width)}",
            explanation: () => new Story().Now(region.Device).Last(region.Device.RuntimePm, TraceKind.PowerState));
    }

    private static string NameOf(VfioDeviceFile file) => $"the user of {file.Device.Pci.Name}";

    private static VirtualClock ClockOf(VfioDeviceFile file) => file.Device.Pci.Core.Clock;

    private static Story Explain(VfioDeviceFile file) => new Story().Now(file.Device.Pci);

    private static StateCheck OpenCheck(VfioDeviceFile file, string expected, Func<bool> holds) => new(
        ClockOf(file),
        subject: $"the device file of {file.Device.Pci.Name}",
        expected: expected,
        holds: holds,
        found: () => file.IsClosed ? "it is closed" : "it is open",
        explanation: () => Explain(file)
            .List("Its mappings are:", file.Mappings.Select(mapping =>
                $"BAR {mapping.Region} at 0x{mapping.Offset:x}, 0x{mapping.Length:x} bytes"))
            .Last(file.Device.RuntimePm, TraceKind.Operation));

    private static StateCheck SleepCheck(VfioDeviceFile file, string expected, bool wanted) => new(
        ClockOf(file),
        subject: NameOf(file),
        expected: expected,
        holds: () => Undone(file) is null == wanted,
        found: () => Undone(file) is { } undone ? $"it {undone}" : "it does",
        explanation: () => Explain(file).Last(file.Device.RuntimePm, TraceKind.Operation));

    private static string? Undone(VfioDeviceFile file) => file.Device.Rules.Power.LeftUndoneForSleep(file.Device);

    private static IEnumerable<string> WakeupObstacles(VfioDeviceFile file, EventFd wakeup)
    {
        if (wakeup.Count > 0)
        {
            yield break;
        }

        if (file.Device.WakeupEventFd != wakeup)
        {
            yield return "the user did not pass this eventfd along with its permission to sleep";
        }
        else if (SleepState.IsAsleep(file.Device.RuntimePm))
        {
            yield return $"{file.Device.Pci.Name} sleeps";
        }
        else
        {
            yield return $"{file.Device.Pci.Name} has not slept since it was permitted to";
        }
    }
}
