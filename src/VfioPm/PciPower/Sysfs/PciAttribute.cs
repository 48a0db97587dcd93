namespace VfioPm;

/// <summary>An attribute that functions have in sysfs (<c>struct device_attribute</c>).</summary>
/// <param name="Name">Its file.</param>
internal sealed record PciAttribute(string Name)
{
    /// <summary>Which functions have it (<c>is_visible</c>); all, unless said.</summary>
    public Func<PciDevice, bool> IsThere { get; init; } = static _ => true;

    /// <summary>
    /// Whether who is in it does not keep the function's removal waiting: he removes it himself
    /// (<c>device_remove_file_self()</c>), or the file is another's.
    /// </summary>
    public bool IsUnprotected { get; init; }

    /// <summary>What reading it gives, or null where it can only be written.</summary>
    public Func<PciDevice, KernelCall<SysfsResult>>? Show { get; init; }

    /// <summary>What writing it does, or null where it can only be read.</summary>
    public Func<PciDevice, string, KernelCall<int>>? Store { get; init; }
}
