namespace VfioPm;

/// <summary>
/// The devices that somebody wants to see. A name that no device has is a mistake: what it leaves over is empty, and a test that
/// looks at that passes for nothing.
/// </summary>
internal static class DeviceFilter
{
    /// <exception cref="ArgumentException">One of the names is none of a device.</exception>
    public static void Refuse(string[] devices, IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(devices);
        if (Array.Find(devices, name => !known.Contains(name)) is { } unknown)
        {
            throw new ArgumentException(
                $"There is no device \"{unknown}\" in it, but {string.Join(", ", known.Order(StringComparer.Ordinal))}.", nameof(devices));
        }
    }

    public static string[] NamesOf(PciDevice[] devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        return Array.ConvertAll(devices, static device => device.Name);
    }
}
