namespace VfioPm;

/// <summary>
/// Where the firmware knows that a function needs less time than the specifications give it (<c>pci_acpi_optimize_delay()</c>); null where it
/// does not.
/// </summary>
internal static class FirmwareDelays
{
    private static readonly TimeSpan UsualAfterPowerOn = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan UsualAfterD3Hot = TimeSpan.FromMilliseconds(10);

    /// <summary>After it got power. What is said of the function itself goes before what is said of all.</summary>
    public static TimeSpan? AfterPowerOn(PlatformPower? platform, Firmware firmware) => platform is null
        ? null
        : Shorter(platform.Readiness.AfterPowerOn, UsualAfterPowerOn) ?? (firmware.NeedsNoResetDelay ? TimeSpan.Zero : null);

    /// <summary>After it left D3hot.</summary>
    public static TimeSpan? AfterD3Hot(PlatformPower? platform) => Shorter(platform?.Readiness.AfterD3Hot, UsualAfterD3Hot);

    /// <summary>In whole milliseconds, and no more than usual.</summary>
    private static TimeSpan? Shorter(TimeSpan? said, TimeSpan usual) =>
        said is { } time && TimeSpan.FromMilliseconds(time.Ticks / TimeSpan.TicksPerMillisecond) is var delay && delay < usual ? delay : null;
}
