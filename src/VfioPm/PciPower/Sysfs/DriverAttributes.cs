namespace VfioPm;

/// <summary>The attributes of a function that say which driver it is for (<c>drivers/pci/pci-sysfs.c</c>).</summary>
internal static class DriverAttributes
{
    // PAGE_SIZE: what is shown has a line's end, and one character less is taken.
    private const int Page = 4096;

    public static IReadOnlyList<PciAttribute> All { get; } =
    [
        new("driver_override")
        {
            Show = ShowOverride,
            Store = SetOverride,
        },
        new("driver/unbind")
        {
            IsThere = static device => device.Driver is not null,
            IsUnprotected = true,
            Store = static (device, name) =>
                SysfsText.Is(name, device.Name) ? DriverBinding.Unbind(device) : -Errno.ENODEV,
        },
    ];

    private static async KernelCall<SysfsResult> ShowOverride(PciDevice device)
    {
        using (device.Bus.Rules.OverrideHasOwnLock ? default : await device.Lock.Lock())
        {
            return device.DriverOverride ?? "(null)";
        }
    }

    /// <summary>
    /// Up to the line's end; nothing, or a line's end alone, takes it back (<c>driver_set_override()</c>,
    /// <c>__device_set_driver_override()</c>).
    /// </summary>
    private static async KernelCall<int> SetOverride(PciDevice device, string value)
    {
        if (value.Length >= Page - 1)
        {
            return -Errno.EINVAL;
        }

        using (device.Bus.Rules.OverrideHasOwnLock ? default : await device.Lock.Lock())
        {
            string name = SysfsText.Line(value);
            device.DriverOverride = name.Length > 0 ? name : null;
            return 0;
        }
    }
}
