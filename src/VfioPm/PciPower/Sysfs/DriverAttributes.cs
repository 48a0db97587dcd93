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
            Show = static device => (SysfsResult)(device.DriverOverride ?? "(null)"),
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

    /// <summary>Up to the line's end; nothing, or a line's end alone, takes it back (<c>driver_set_override()</c>).</summary>
    private static async KernelCall<int> SetOverride(PciDevice device, string value)
    {
        if (value.Length >= Page - 1)
        {
            return -Errno.EINVAL;
        }

        using (await device.Lock.Lock())
        {
            string name = value.Split('\n')[0];
            device.DriverOverride = name.Length > 0 ? name : null;
            return 0;
        }
    }
}
