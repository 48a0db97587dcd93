namespace VfioPm;

/// <summary>
/// What is under <c>/sys/bus/pci/slots</c>: for each slot that is served for hotplug "power" and "adapter"
/// (<c>drivers/pci/hotplug/pci_hotplug_core.c</c>).
/// </summary>
internal static class SlotAttributes
{
    private const string Power = "power";
    private const string Adapter = "adapter";

    /// <summary>Whether "slots/0/power" is there.</summary>
    public static bool AreThere(IPciBus bus, string attribute) => Find(bus, attribute, out _) is not null;

    /// <summary><c>power_read_file()</c>, <c>presence_read_file()</c>.</summary>
    public static async KernelCall<SysfsResult> Read(IPciBus bus, string attribute)
    {
        if (Find(bus, attribute, out string name) is not { } port)
        {
            return Errno.ENOENT;
        }

        await port.HostConfig.Hold();
        bool? value = name == Power ? port.Hotplug!.IsPowerOn : port.Hotplug!.IsOccupied;
        await port.HostConfig.Release();
        return value is { } known ? (known ? "1" : "0") : Errno.ENODEV;
    }

    /// <summary><c>power_write_file()</c>: the last byte of the number counts, and no number is 0.</summary>
    public static async KernelCall<int> Write(IPciBus bus, string attribute, string value)
    {
        if (Find(bus, attribute, out string name) is not { Hotplug: { } slot })
        {
            return -Errno.ENOENT;
        }

        return name != Power ? -Errno.EACCES : (byte)SysfsText.LeadingNumber(value) switch
        {
            0 => await slot.DisableSlot(),
            1 => await slot.EnableSlot(),
            _ => -Errno.EINVAL,
        };
    }

    private static PciDevice? Find(IPciBus bus, string attribute, out string name)
    {
        string[] parts = attribute.Split('/');
        name = parts[^1];
        return parts is ["slots", { } slot, Power or Adapter] ? bus.Devices.FirstOrDefault(port => port.SlotName == slot) : null;
    }
}
