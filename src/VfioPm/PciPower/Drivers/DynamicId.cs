namespace VfioPm;

/// <summary>
/// Functions that the administrator said a driver is for (<c>struct pci_dynid</c>, sysfs <c>new_id</c>); null for what may be
/// anything (<c>PCI_ANY_ID</c>).
/// </summary>
internal sealed record DynamicId(uint Vendor, uint Device, uint? Subvendor, uint? Subdevice, uint Class, uint ClassMask)
{
    private const uint Any = 0xffff_ffff;
    private const int MostFields = 7;

    /// <summary>Reads up to seven hexadecimal numbers: IDs, those of the subsystem, class, its mask, the driver's data.</summary>
    /// <param name="text">The numbers.</param>
    /// <param name="isComplete">Whether all was said, the driver's data too: then nobody looks whether the driver has such functions already.</param>
    /// <returns>Null unless there are two at least.</returns>
    public static DynamicId? Parse(string text, out bool isComplete)
    {
        List<uint> numbers = SysfsText.HexNumbers(text, MostFields);
        isComplete = numbers.Count == MostFields;
        return numbers.Count < 2
            ? null
            : new DynamicId(numbers[0], numbers[1], OrAny(numbers, 2), OrAny(numbers, 3), At(numbers, 4), At(numbers, 5));
    }

    /// <summary>Whether a function of these IDs, of any where it may be any, matches (<c>pci_match_one_id()</c>).</summary>
    public bool Covers(DynamicId other) => Is(Vendor, other.Vendor)
        && Is(Device, other.Device)
        && Is(Subvendor, other.Subvendor ?? Any)
        && Is(Subdevice, other.Subdevice ?? Any)
        && ((Class ^ other.Class) & ClassMask) == 0;

    /// <summary><c>pci_match_one_device()</c>.</summary>
    public bool Matches(PciDevice device)
    {
        ConfigurationSpace found = device.Hardware.Configuration;
        return Is(Vendor, device.VendorId)
            && Is(Device, device.DeviceId)
            && Is(Subvendor, found.Read(PciRegisters.SubsystemVendorId, 2))
            && Is(Subdevice, found.Read(PciRegisters.SubsystemId, 2))
            && ((Class ^ (found.Read(PciRegisters.ClassRevision, 4) >> 8)) & ClassMask) == 0;
    }

    public void AddTo(ref StateHash hash)
    {
        hash.Add(Vendor);
        hash.Add(Device);
        hash.Add(Subvendor ?? Any);
        hash.Add(Subdevice ?? Any);
        hash.Add(Class);
        hash.Add(ClassMask);
    }

    private static bool Is(uint? wanted, uint found) => wanted is null or Any || wanted == found;

    private static uint At(List<uint> numbers, int place) => place < numbers.Count ? numbers[place] : 0;

    private static uint? OrAny(List<uint> numbers, int place) =>
        place < numbers.Count && numbers[place] != Any ? numbers[place] : null;
}
