namespace VfioPm;

/// <summary>
/// What is under <c>/sys/bus/pci</c> besides the functions: drivers, slots, and what is for all functions
/// (<c>drivers/base/bus.c</c>, <c>drivers/pci/pci-driver.c</c>).
/// </summary>
internal sealed class BusAttributes : ISysfsAttributes
{
    private const string OfDrivers = "drivers/";

    private static readonly string[] OfBus = ["drivers_probe", "rescan"];
    private static readonly string[] OfDriver = ["bind", "unbind", "new_id", "remove_id"];

    private readonly IPciBus _bus;
    private readonly PciDrivers _drivers;

    public BusAttributes(IPciBus bus, PciDrivers drivers)
    {
        _bus = bus;
        _drivers = drivers;
    }

    int INumbered.Index => 0;

    public KernelCall<SysfsResult> Read(string attribute) =>
        SlotAttributes.AreThere(_bus, attribute) ? SlotAttributes.Read(_bus, attribute)
        : IsThere(attribute) ? (SysfsResult)Errno.EACCES
        : Errno.ENOENT;

    public KernelCall<int> Write(string attribute, string value)
    {
        if (attribute == "drivers_probe")
        {
            return ProbeDrivers(value);
        }

        if (attribute == "rescan")
        {
            return Rescan(value);
        }

        if (SlotAttributes.AreThere(_bus, attribute))
        {
            return SlotAttributes.Write(_bus, attribute, value);
        }

        return DriverOf(attribute, out string name) is not { } entry ? -Errno.ENOENT : name switch
        {
            "bind" => Bind(entry.Driver, value),
            "unbind" => Unbind(entry.Driver, value),
            "new_id" => AddId(entry, value),
            "remove_id" => RemoveId(entry.Ids, value),
            _ => -Errno.ENOENT,
        };
    }

    /// <summary>Those of the bus in the fork.</summary>
    public IForkable Fork(ForkContext fork) => new BusAttributes(fork.Of(_bus), fork.Of(_drivers));

    private bool IsThere(string attribute) => Array.IndexOf(OfBus, attribute) >= 0
        || (DriverOf(attribute, out string name) is not null && Array.IndexOf(OfDriver, name) >= 0);

    private PciDrivers.Entry? DriverOf(string attribute, out string name)
    {
        int end = attribute.LastIndexOf('/');
        name = attribute[(end + 1)..];
        return end > OfDrivers.Length && attribute.StartsWith(OfDrivers, StringComparison.Ordinal)
            ? _drivers.Find(attribute[OfDrivers.Length..end])
            : null;
    }

    /// <summary><c>bus_find_device_by_name()</c>: letter by letter, but for the line's end. One that is being removed is on the bus no longer.</summary>
    private PciDevice? DeviceOf(string value)
    {
        for (int i = 0; i < _bus.Devices.Count; i++)
        {
            if (!_bus.Devices[i].IsDead && SysfsText.Is(value, _bus.Devices[i].Name))
            {
                return _bus.Devices[i];
            }
        }

        return null;
    }

    /// <summary><c>rescan_store()</c>.</summary>
    private async KernelCall<int> Rescan(string value)
    {
        if (!SysfsText.TryParseUnsigned(value, out ulong wanted))
        {
            return -Errno.EINVAL;
        }

        if (wanted != 0)
        {
            using (await _bus.RescanRemove.Lock())
            {
                await BusScan.RescanAll(_bus);
            }
        }

        return 0;
    }

    /// <summary><c>drivers_probe_store()</c>.</summary>
    private async KernelCall<int> ProbeDrivers(string value)
    {
        if (DeviceOf(value) is not { } device)
        {
            return -Errno.ENODEV;
        }

        await _drivers.Attach(device);
        return 0;
    }

    /// <summary><c>bind_store()</c>: only what matches.</summary>
    private KernelCall<int> Bind(PciDriver driver, string value) =>
        DeviceOf(value) is { } device && _drivers.Matches(driver, device)
            ? DriverBinding.Bind(device, driver)
            : -Errno.ENODEV;

    /// <summary><c>unbind_store()</c>.</summary>
    private KernelCall<int> Unbind(PciDriver driver, string value) =>
        DeviceOf(value) is { } device && device.Driver == driver
            ? DriverBinding.Unbind(device)
            : -Errno.ENODEV;

    /// <summary><c>new_id_store()</c>: whom it matches the driver is offered.</summary>
    private KernelCall<int> AddId(PciDrivers.Entry entry, string value)
    {
        if (DynamicId.Parse(value, out bool isComplete) is not { } id)
        {
            return -Errno.EINVAL;
        }

        if (!isComplete && entry.Ids.Exists(known => known.Covers(id)))
        {
            return -Errno.EEXIST;
        }

        entry.Ids.Add(id);
        return _drivers.Offer(entry.Driver);
    }

    /// <summary><c>remove_id_store()</c>: whoever is bound stays so.</summary>
    private static int RemoveId(List<DynamicId> ids, string value)
    {
        if (DynamicId.Parse(value, out _) is not { } wanted)
        {
            return -Errno.EINVAL;
        }

        int at = ids.FindIndex(id => id.Vendor == wanted.Vendor && id.Device == wanted.Device
            && (wanted.Subvendor is null || id.Subvendor == wanted.Subvendor)
            && (wanted.Subdevice is null || id.Subdevice == wanted.Subdevice)
            && ((id.Class ^ wanted.Class) & wanted.ClassMask) == 0);
        if (at < 0)
        {
            return -Errno.ENODEV;
        }

        ids.RemoveAt(at);
        return 0;
    }
}
