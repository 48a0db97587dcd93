using System.Globalization;

namespace VfioPm;

/// <summary>
/// Functions that the administrator said a driver is for (<c>struct pci_dynid</c>, sysfs <c>new_id</c>); null for what may be
/// anything (<c>PCI_ANY_ID</c>).
/// </summary>
internal sealed record DynamicId(uint Vendor, uint Device, uint? Subvendor, uint? Subdevice, uint Class, uint ClassMask)
{
    private const uint Any = 0xffff_ffff;

    /// <summary>Reads up to seven hexadecimal numbers: IDs, those of the subsystem, class, its mask, the driver's data.</summary>
    /// <returns>Null unless there are two at least.</returns>
    public static DynamicId? Parse(string text)
    {
        List<uint> numbers = [];
        foreach (string word in text.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(7))
        {
            string digits = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? word[2..] : word;
            if (!uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number))
            {
                break;
            }

            numbers.Add(number);
        }

        return numbers.Count < 2
            ? null
            : new DynamicId(numbers[0], numbers[1], OrAny(numbers, 2), OrAny(numbers, 3), At(numbers, 4), At(numbers, 5));
    }

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

    private static uint? OrAny(List<uint> numbers, int place) => place < numbers.Count ? numbers[place] : null;
}
