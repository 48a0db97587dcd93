using System.Globalization;

namespace VfioPm;

/// <summary>Where a function sits: domain, bus, device and function ("0000:01:00.0").</summary>
/// <param name="Domain">The domain (segment); 16 bits, 32 for the domains Linux invents.</param>
/// <param name="Bus">The bus, 0 to 255.</param>
/// <param name="Device">The device on the bus, 0 to 31.</param>
/// <param name="Function">The function of the device, 0 to 7.</param>
public readonly record struct PciAddress(uint Domain, byte Bus, byte Device, byte Function)
    : IComparable<PciAddress>
{
    /// <summary>The function's routing identifier on its domain: bus, device and function in 16 bits.</summary>
    public ushort RequesterId => (ushort)((Bus << 8) | (Device << 3) | Function);

    /// <summary>Whether both are on one bus.</summary>
    internal bool SharesBusWith(PciAddress other) => Domain == other.Domain && Bus == other.Bus;

    /// <summary>The function with this routing identifier on the same domain.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has more than 16 bits.</exception>
    internal PciAddress WithRequesterId(int requesterId)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(requesterId, ushort.MaxValue);
        return new PciAddress(
            Domain, (byte)(requesterId >> 8), (byte)((requesterId >> 3) & 0x1f), (byte)(requesterId & 0x7));
    }

    /// <summary>Reads "0000:01:00.0" or, in domain 0, "01:00.0".</summary>
    /// <exception cref="FormatException"><paramref name="text"/> is not an address.</exception>
    public static PciAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out PciAddress address)
            ? address
            : throw new FormatException($"'{text}' is not a PCI address such as 0000:01:00.0.");
    }

    /// <summary>Reads "0000:01:00.0" or "01:00.0" without an exception for what is neither.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PciAddress address)
    {
        address = default;
        uint domain = 0;
        int dot = text.IndexOf('.');
        if (dot < 5 || text.Length != dot + 2)
        {
            return false;
        }

        // Counted from the dot, because the domain in front is optional and four to eight digits long.
        ReadOnlySpan<char> front = text[..(dot - 5)];
        ReadOnlySpan<char> slot = text[(dot - 5)..];
        if (front.Length > 0
            && (front.Length is < 5 or > 9 || front[^1] != ':' || !TryHex(front[..^1], uint.MaxValue, out domain)))
        {
            return false;
        }

        if (slot[2] != ':'
            || !TryHex(slot[..2], byte.MaxValue, out uint bus)
            || !TryHex(slot[3..5], 31, out uint device)
            || !TryHex(slot[6..], 7, out uint function))
        {
            return false;
        }

        address = new PciAddress(domain, (byte)bus, (byte)device, (byte)function);
        return true;
    }

    /// <summary>In the order of <c>lspci</c>: by domain, bus, device, function.</summary>
    public int CompareTo(PciAddress other) =>
        Domain != other.Domain ? Domain.CompareTo(other.Domain) : RequesterId.CompareTo(other.RequesterId);

    /// <summary>"0000:01:00.0".</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Domain:x4}:{ToStringWithoutDomain()}");

    /// <summary>"01:00.0": how <c>lspci</c> writes addresses where there is no other domain than 0.</summary>
    public string ToStringWithoutDomain() =>
        string.Create(CultureInfo.InvariantCulture, $"{Bus:x2}:{Device:x2}.{Function:x1}");

    /// <summary>Whether <paramref name="left"/> comes first.</summary>
    public static bool operator <(PciAddress left, PciAddress right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes last.</summary>
    public static bool operator >(PciAddress left, PciAddress right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> comes first, or both are the same.</summary>
    public static bool operator <=(PciAddress left, PciAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> comes last, or both are the same.</summary>
    public static bool operator >=(PciAddress left, PciAddress right) => left.CompareTo(right) >= 0;

    private static bool TryHex(ReadOnlySpan<char> digits, uint limit, out uint value) =>
        uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        && value <= limit;
}
