namespace VfioPm;

/// <summary>
/// The attributes under <c>/sys/bus/pci/devices/…/power/</c> in a guest, as text without the line's end: its
/// administrator's word on the runtime PM of a device. The host's are <see cref="PciSysfs"/>.
/// </summary>
public sealed class GuestSysfs
{
    private readonly GuestDevice _device;

    internal GuestSysfs(GuestDevice device) => _device = device;

    private RuntimePmSysfs Power => new(_device.RuntimePm);

    /// <summary>Reads an attribute, such as "power/control".</summary>
    /// <returns>The text, or the error: -ENOENT without such an attribute, -EIO where it does not apply now.</returns>
    public SysfsResult Read(string attribute)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        lock (_device.RuntimePm.Core.Clock.Gate)
        {
            return Power.Read(attribute);
        }
    }

    /// <summary>Writes an attribute: "on" to "power/control" keeps the device awake, "auto" lets it sleep.</summary>
    /// <returns>0; -EINVAL for a value that the attribute does not take; -EIO, -ENOENT as for reading.</returns>
    public KernelResult Write(string attribute, string value)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        ArgumentNullException.ThrowIfNull(value);
        using KernelEntry entry = _device.Call($"guest writes {value} to {attribute}");
        return entry.Run(Power.Write(attribute, value));
    }
}
