namespace VfioPm;

/// <summary>
/// The devices that somebody wants to see. A name that no device has is a mistake: what it leaves over is empty, and a test that
/// looks at that passes for nothing.
/// </summary>
internal static class DeviceFilter
{
    /// <summary>The names of devices that are called so, by alias or name.</summary>
    /// <exception cref="ArgumentException">No device is called as one of them.</exception>
    public static string[] Find(string[] devices, IReadOnlyCollection<string> known, DeviceAliases aliases)
    {
        ArgumentNullException.ThrowIfNull(devices);
        Array.ForEach(devices, static device => ArgumentNullException.ThrowIfNull(device, nameof(devices)));
        string NameOf(string called) => known.Contains(called) ? called : aliases.NameOf(called);
        return Array.Find(devices, called => !known.Contains(NameOf(called))) is not { } unknown
            ? Array.ConvertAll(devices, NameOf)
            : throw new ArgumentException(
                $"There is no device \"{unknown}\" in it, but {string.Join(", ", known.Order(StringComparer.Ordinal).Select(aliases.TitleOf))}.",
                nameof(devices));
    }

    public static string[] NamesOf(PciDevice[] devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        Array.ForEach(devices, static device => ArgumentNullException.ThrowIfNull(device, nameof(devices)));
        return Array.ConvertAll(devices, static device => device.Name);
    }
}
