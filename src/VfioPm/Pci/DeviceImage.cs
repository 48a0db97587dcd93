using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// What a function is made from: its configuration space as somebody found it on a real machine, and the sizes
/// of its BARs, which the registers do not tell. Immutable.
/// </summary>
public sealed partial class DeviceImage
{
    private readonly byte[] _bytes;
    private readonly BarSizes _barSizes;

    internal DeviceImage(PciAddress address, string title, byte[] bytes, BarSizes barSizes)
    {
        Address = address;
        Title = title;
        _bytes = bytes;
        _barSizes = barSizes;
        byte[] space = new byte[Math.Max(bytes.Length, PciRegisters.ConventionalSize)];
        bytes.CopyTo(space, 0);
        Findings = new ImageFindings(space);
        Bars = BarDecoder.Decode(space, barSizes);
    }

    private DeviceImage(DeviceImage original, PciAddress address)
    {
        Address = address;
        Title = original.Title;
        _bytes = original._bytes;
        _barSizes = original._barSizes;
        Findings = original.Findings;
        Bars = original.Bars;
        Deviations = original.Deviations;
        VirtualFunction = original.VirtualFunction;
        VitalProductData = original.VitalProductData;
    }

    private DeviceImage(
        DeviceImage original, PciAddress address, byte[] bytes, BarSizes barSizes, string? title = null)
        : this(address, title ?? original.Title, bytes, barSizes)
    {
        Deviations = original.Deviations;
        VirtualFunction = original.VirtualFunction;
        VitalProductData = original.VitalProductData;
    }

    /// <summary>Where it was found.</summary>
    public PciAddress Address { get; }

    /// <summary>What <c>lspci</c> called it: "PCI bridge: Device 1b36:000c (rev 00)".</summary>
    public string Title { get; }

    /// <summary>The bytes that are known: 64, 128, 256 or 4096.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The BARs it has.</summary>
    public IReadOnlyList<Bar> Bars { get; }

    /// <summary>Whether it is a bridge or a port.</summary>
    public bool IsBridge =>
        (_bytes[PciRegisters.HeaderType] & PciRegisters.HeaderTypeMask) == PciRegisters.HeaderTypeBridge;

    /// <summary>Its capabilities.</summary>
    public CapabilityList Capabilities => Findings.Capabilities;

    /// <summary>What each virtual function of a physical function is made from, or null.</summary>
    public DeviceImage? VirtualFunction { get; private init; }

    /// <summary>The content of its vital product data; empty without.</summary>
    public ReadOnlyMemory<byte> VitalProductData { get; private init; }

    /// <summary>The BARs of its virtual functions, from the SR-IOV capability; none without.</summary>
    internal IReadOnlyList<Bar> VfBars =>
        Capabilities.FindExtended(ExtendedCapabilityId.Sriov) is { } sriov && VirtualFunction is { } virtualFunction
        && sriov.Offset + SriovRegisters.Size <= Space.Length
            ? BarDecoder.DecodeVirtual(Space, sriov.Offset, virtualFunction._barSizes)
            : [];

    /// <summary>What software can write in this silicon, where that is not what the specifications say.</summary>
    internal IReadOnlyList<RegisterRule> Deviations { get; private init; } = [];

    /// <summary>What was found in it.</summary>
    internal ImageFindings Findings { get; }

    /// <summary>The whole space, 256 or 4096 bytes; bytes that are not known are zero.</summary>
    internal byte[] Space => Findings.Space;

    /// <summary>Reads one function of what <c>lspci -xxx</c> or <c>-xxxx</c> wrote.</summary>
    /// <param name="pathOrText">The name of a file, or the text itself (several lines).</param>
    /// <param name="address">Which function; the only one that is no bridge, unless told.</param>
    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="DumpFormatException">The text is no such dump.</exception>
    /// <exception cref="ArgumentException">There is no such function, or there are several; or no file can have this name.</exception>
    public static DeviceImage FromLspci(string pathOrText, PciAddress? address = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pathOrText);
        if (pathOrText.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("There is a null character in it: it is neither a dump nor the name of a file.", nameof(pathOrText));
        }

        string text = pathOrText.Contains('\n', StringComparison.Ordinal) ? pathOrText : File.ReadAllText(pathOrText);
        IReadOnlyList<DeviceImage> images = ParseLspci(text);
        DeviceImage[] found = address is null && images.Count > 1
            ? [.. images.Where(image => !image.IsBridge)]
            : [.. images.Where(image => image.Address == (address ?? image.Address))];
        return found.Length == 1
            ? found[0]
            : throw new ArgumentException(
                $"The dump has {string.Join(", ", images.Select(image => image.Address))}: say which is meant.",
                nameof(address));
    }

    /// <summary>Reads every function of what <c>lspci -xxx</c> or <c>-xxxx</c> wrote, with or without -v.</summary>
    /// <exception cref="DumpFormatException">The text is no such dump.</exception>
    public static IReadOnlyList<DeviceImage> ParseLspci(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return LspciParser.Parse(text);
    }

    /// <summary>Writes functions as <c>lspci -xxxx</c> does; <c>lspci -F</c> and this class read it.</summary>
    /// <exception cref="ArgumentException">One of them is null.</exception>
    public static string FormatLspci(IReadOnlyCollection<DeviceImage> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Contains(null!))
        {
            throw new ArgumentException("One of the images is null.", nameof(images));
        }

        return LspciWriter.Write(images);
    }

    /// <summary>Makes an image of the bytes of sysfs's <c>config</c>: 64 (to users), 256 or 4096.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="address">Where the function sits; 0000:00:00.0 unless told.</param>
    /// <exception cref="ArgumentException">No configuration space has as many bytes.</exception>
    public static DeviceImage FromConfigBytes(ReadOnlySpan<byte> bytes, PciAddress address = default)
    {
        if (!IsKnownSize(bytes.Length))
        {
            throw new ArgumentException(
                $"A configuration space has 64, 128, 256 or 4096 bytes, not {bytes.Length}.", nameof(bytes));
        }

        return new DeviceImage(address, DescribeIds(bytes), bytes.ToArray(), BarSizes.Unknown);
    }

    /// <summary>The same function elsewhere.</summary>
    public DeviceImage At(PciAddress address) => new(this, address);

    /// <summary>The same function with other register contents.</summary>
    /// <exception cref="ArgumentException">Not as many bytes as there are.</exception>
    public DeviceImage WithBytes(ReadOnlySpan<byte> bytes) => bytes.Length == _bytes.Length
        ? With(bytes.ToArray(), _barSizes)
        : throw new ArgumentException($"The image has {_bytes.Length} bytes, not {bytes.Length}.", nameof(bytes));

    /// <summary>
    /// The same function with a BAR of this size; 0 takes the BAR away. A BAR sits at a multiple of its size, so
    /// an address that is none is rounded down.
    /// </summary>
    /// <param name="bar">0 to 5, or <see cref="Bar.RomIndex"/>.</param>
    /// <param name="size">Bytes: a power of two, at least 4 (I/O), 16 (memory) or 2048 (ROM).</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such BAR, or it cannot have this size.</exception>
    public DeviceImage WithBarSize(int bar, ulong size)
    {
        BarSizes sizes = _barSizes.With(bar, size);
        byte[] bytes = [.. _bytes];
        if (size != 0)
        {
            BarRegister register = BarRegister.Read(_bytes, bar)
                ?? throw new ArgumentOutOfRangeException(nameof(bar), bar, $"The header of {Address} has no such BAR.");
            ArgumentOutOfRangeException.ThrowIfLessThan(size, register.MinimumSize);
            new Bar(bar, register.Offset, register.Kind, register.Prefetchable, size).AlignAddress(bytes);
        }

        return With(bytes, sizes);
    }

    /// <summary>The same function with BARs as sysfs's <c>resource</c> of it says.</summary>
    /// <exception cref="DumpFormatException"><paramref name="resource"/> is no such text.</exception>
    public DeviceImage WithResources(string resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        List<BarClaim> claims = ResourceLines.Parse(resource);
        return With(_bytes, BarClaim.SizesOf(claims, _bytes));
    }

    /// <summary>
    /// The same function with other power management: D1 and D2, No_Soft_Reset, PME#, aux current. A function
    /// without the capability gets one, where the conventional space ends in zeros.
    /// </summary>
    /// <param name="capabilities">The PMC register.</param>
    /// <param name="controlStatus">The PMCSR register.</param>
    /// <exception cref="InvalidOperationException">There is no room for the capability.</exception>
    public DeviceImage WithPowerManagement(ushort capabilities, ushort controlStatus = 0)
    {
        byte[] bytes = [.. _bytes];
        int offset = CapabilityList.Walk(bytes).Find(CapabilityId.PowerManagement)?.Offset
            ?? InsertCapability(bytes, CapabilityId.PowerManagement, PmRegisters.Size);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(RegisterAt(offset + PmRegisters.Capabilities, 2)), capabilities);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(RegisterAt(offset + PmRegisters.ControlStatus, 2)), controlStatus);
        return WithBytes(bytes);
    }

    /// <summary>
    /// The same function with this vital product data (PCI Local Bus 3.0, appendix I): tags, the last one 78. A function
    /// without the capability gets one, where the conventional space ends in zeros.
    /// </summary>
    /// <exception cref="ArgumentException">More than can be addressed.</exception>
    /// <exception cref="InvalidOperationException">There is no room for the capability.</exception>
    public DeviceImage WithVitalProductData(ReadOnlySpan<byte> content)
    {
        if (content.Length > VpdRegisters.AddressableSize)
        {
            throw new ArgumentException($"Vital product data has up to {VpdRegisters.AddressableSize} bytes.", nameof(content));
        }

        byte[] bytes = [.. _bytes];
        if (Capabilities.Find(CapabilityId.VitalProductData) is null)
        {
            InsertCapability(bytes, CapabilityId.VitalProductData, VpdRegisters.Size);
        }

        return new DeviceImage(this, Address, bytes, _barSizes) { VitalProductData = content.ToArray() };
    }

    /// <summary>
    /// The same function with silicon that lets software write other bits of a register than the specifications say:
    /// some that are missing, or some too many.
    /// </summary>
    /// <param name="offset">The register's offset in configuration space.</param>
    /// <param name="width">Its bytes: 1, 2 or 4.</param>
    /// <param name="writable">All bits that keep what is written; a reset puts them back to the image's.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    public DeviceImage WithWritableBits(int offset, int width, uint writable)
    {
        if (width is not (1 or 2 or 4))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "A register has 1, 2 or 4 bytes.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Space.Length - width);
        return new DeviceImage(this, Address, _bytes, _barSizes)
        {
            Deviations = [.. Deviations, new RegisterRule(offset, width, writable)],
        };
    }

    /// <summary>
    /// The same physical function with virtual functions made from <paramref name="image"/>: what is found in the
    /// configuration space of one, with the sizes of its BARs (all of its base address registers read zero).
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no SR-IOV capability.</exception>
    public DeviceImage WithVirtualFunctions(DeviceImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Capabilities.FindExtended(ExtendedCapabilityId.Sriov) is not null
            ? new DeviceImage(this, Address, _bytes, _barSizes) { VirtualFunction = image }
            : throw new InvalidOperationException($"{Address} has no SR-IOV capability.");
    }

    /// <summary>The function as <c>lspci -xxxx</c> writes it.</summary>
    public string ToLspci() => FormatLspci([this]);

    internal static bool IsKnownSize(int length) =>
        length is PciRegisters.HeaderSize or 2 * PciRegisters.HeaderSize
            or PciRegisters.ConventionalSize or PciRegisters.ExtendedSize;

    private static string DescribeIds(ReadOnlySpan<byte> bytes)
    {
        ushort vendor = BinaryPrimitives.ReadUInt16LittleEndian(bytes[PciRegisters.VendorId..]);
        ushort device = BinaryPrimitives.ReadUInt16LittleEndian(bytes[PciRegisters.DeviceId..]);
        uint classRevision = BinaryPrimitives.ReadUInt32LittleEndian(bytes[PciRegisters.ClassRevision..]);
        return $"Class {classRevision >> 16:x4}: Device {vendor:x4}:{device:x4} (rev {classRevision & 0xff:x2})";
    }

    private DeviceImage With(byte[] bytes, BarSizes sizes) =>
        new(this, Address, bytes, sizes);

    private int InsertCapability(byte[] bytes, int id, int size)
    {
        int offset = PciRegisters.ConventionalSize - size;
        if (bytes.Length < PciRegisters.ConventionalSize || bytes.AsSpan(offset, size).ContainsAnyExcept((byte)0))
        {
            throw new InvalidOperationException($"{Address} has no room for a capability at 0x{offset:x2}.");
        }

        bytes[offset] = (byte)id;
        bytes[offset + 1] = IsListed(bytes) ? bytes[PciRegisters.CapabilityPointer] : (byte)0;
        bytes[PciRegisters.CapabilityPointer] = (byte)offset;
        bytes[PciRegisters.Status] |= (byte)PciRegisters.StatusCapabilityList;
        return offset;
    }

    private static bool IsListed(byte[] bytes) =>
        (bytes[PciRegisters.Status] & PciRegisters.StatusCapabilityList) != 0;
}
