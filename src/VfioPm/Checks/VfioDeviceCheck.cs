namespace VfioPm;

/// <summary>
/// Questions about what a VMM holds of a device, and about what its guest sees: whether it is open, whether memory can be
/// reached, whether it may sleep. None of them wakes the function, except <see cref="Reads"/>.
/// </summary>
public static class VfioDeviceCheck
{
    /// <summary>The VMM's descriptor is open.</summary>
    public static StateCheck IsOpen(VfioDeviceFile file) => Make(
        file,
        expected: "to have it open",
        holds: () => !file.IsClosed,
        found: () => Opened(file),
        explain: story => story.Last(file.Device.RuntimePm, TraceKind.Operation));

    /// <summary>The VMM has closed its descriptor. A mapping may keep the device open all the same.</summary>
    public static StateCheck IsClosed(VfioDeviceFile file) => Make(
        file,
        expected: "to have closed it",
        holds: () => file.IsClosed,
        found: () => Opened(file),
        explain: story => story.Last(file.Device.RuntimePm, TraceKind.Operation));

    /// <summary>
    /// The kernel lets the user at the device's memory, by reads and writes and by mappings. What the hardware makes of an
    /// access is another matter.
    /// </summary>
    public static StateCheck HasMemoryAccess(VfioDeviceFile file) => Make(
        file,
        expected: "to have access to memory",
        holds: () => !MemoryFences.Of(file).Any(),
        found: () => Accessed(file),
        explain: story => story.List("It is refused because:", MemoryFences.Of(file)));

    /// <summary>
    /// The kernel keeps the user from the device's memory: reads and writes return -EIO, or accesses of mappings end in
    /// SIGBUS.
    /// </summary>
    public static StateCheck HasMemoryFenced(VfioDeviceFile file) => Make(
        file,
        expected: "to have no access to memory",
        holds: () => MemoryFences.Of(file).Any(),
        found: () => Accessed(file),
        explain: story => story.Last(file.Device.RuntimePm, TraceKind.Operation));

    /// <summary>
    /// The user permits the device to sleep (<c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY</c>; under the RFC, D3hot in PMCSR;
    /// before it nobody has to). Whether it sleeps is another matter.
    /// </summary>
    public static StateCheck PermitsSleep(VfioDeviceFile file) => Make(
        file,
        expected: "to permit the device to sleep",
        holds: () => Undone(file) is null,
        found: () => Permitted(file),
        explain: story => story.Last(file.Device.RuntimePm, TraceKind.Operation));

    /// <summary>The user keeps the device from sleeping: he has not permitted it, or no longer does.</summary>
    public static StateCheck ForbidsSleep(VfioDeviceFile file) => Make(
        file,
        expected: "not to permit the device to sleep",
        holds: () => Undone(file) is not null,
        found: () => Permitted(file),
        explain: story => story.Last(file.Device.RuntimePm, TraceKind.Operation),
        isLasting: true);

    /// <summary>What the guest would read in PMCSR, if reading it woke nobody.</summary>
    public static StateCheck ShowsPowerState(VfioDeviceFile file, PowerState expected) => Make(
        file,
        expected: $"to show its guest {expected.KernelName} in PMCSR",
        holds: () => file.Device.PowerStateShown == expected,
        found: () => file.Device.PowerStateShown is { } shown ? $"it shows {shown.KernelName}" : "it shows nothing",
        explain: story => story.Last(file.Device.RuntimePm, TraceKind.GuestState, TraceKind.Operation));

    /// <summary>
    /// The eventfd that the user passed along with <c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP</c> was signalled,
    /// once: the device was woken, by whomever.
    /// </summary>
    public static StateCheck HasSignalledWakeup(VfioDeviceFile file, EventFd wakeup)
    {
        ArgumentNullException.ThrowIfNull(wakeup);
        return Make(
            file,
            expected: "to have been told once of a wakeup",
            holds: () => wakeup.Count == 1,
            found: () => $"the eventfd was signalled {TimesText.Of(wakeup.Count)}",
            explain: story => story
                .List("It is not signalled because:", WakeupObstacles(file, wakeup))
                .Last(file.Device.RuntimePm, TraceKind.RuntimeStatus));
    }

    /// <summary>What a guest reads in a register. Looking reads it, and like any access that may wake the function.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The register is outside, or not 1, 2 or 4 bytes wide.</exception>
    public static StateCheck Reads(VfioConfigRegion region, int offset, int width, uint expected)
    {
        ArgumentNullException.ThrowIfNull(region);
        region.Device.Hardware.Configuration.CheckAccess(offset, width);
        uint found = 0;
        return new StateCheck(
            region.Device.Core.Clock,
            subject: $"the guest of {region.Device.Name}",
            expected: $"to read {RegisterText.Of(expected, width)} at 0x{offset:x2}",
            holds: () => (found = region.Read(offset, width)) == expected,
            found: () => $"it reads {RegisterText.Of(found, width)}",
            explanation: () => new Story().Now(region.Device).Last(region.Device.RuntimePm, TraceKind.PowerState));
    }

    private static StateCheck Make(
        VfioDeviceFile file,
        string expected,
        Func<bool> holds,
        Func<string> found,
        Func<Story, Story> explain,
        bool isLasting = false)
    {
        ArgumentNullException.ThrowIfNull(file);
        PciDevice device = file.Device.Pci;
        return new StateCheck(
            device.Core.Clock,
            $"the user of {device.Name}",
            expected,
            holds,
            found,
            () => explain(new Story().Now(device).GuessedBars(device)))
        {
            IsLasting = isLasting,
        };
    }

    private static string Opened(VfioDeviceFile file) =>
        !file.IsClosed ? "it is open"
        : file.Mappings.Count > 0 ? "the descriptor is closed, and mappings keep the device open"
        : "it is closed";

    private static string Accessed(VfioDeviceFile file) =>
        MemoryFences.Of(file).Any() ? "the kernel refuses it" : "the kernel lets it through";

    private static string Permitted(VfioDeviceFile file) => Undone(file) is { } undone ? $"it {undone}" : "it does";

    private static string? Undone(VfioDeviceFile file) => file.Device.Power.LeftUndoneForSleep;

    private static IEnumerable<string> WakeupObstacles(VfioDeviceFile file, EventFd wakeup)
    {
        string name = file.Device.Pci.Name;
        return wakeup.Count > 0 ? []
            : file.Device.WakeupEventFd != wakeup
                ? ["the permission to sleep came without this eventfd, or was over with its one signal, which was read"]
            : SleepState.IsAsleep(file.Device.RuntimePm) ? [$"{name} still sleeps"]
            : [$"{name} has not slept since it was permitted to"];
    }
}
