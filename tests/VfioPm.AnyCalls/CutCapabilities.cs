using System.Buffers.Binary;

namespace VfioPm.AnyCalls;

/// <summary>Functions that no maker made: a capability begins so late that configuration space ends in the middle of it.</summary>
internal static class CutCapabilities
{
    // Longer than any but lists of channels and BARs, of which some are in the middle then.
    private const int Longest = 0x44;

    public static IReadOnlyList<int> StandardIds { get; } =
    [
        CapabilityId.PowerManagement, CapabilityId.VitalProductData, CapabilityId.Msi, CapabilityId.PciX, CapabilityId.Express,
        CapabilityId.MsiX, CapabilityId.AdvancedFeatures,
    ];

    public static IReadOnlyList<int> ExtendedIds { get; } =
    [
        ExtendedCapabilityId.AdvancedErrorReporting, ExtendedCapabilityId.VirtualChannel, ExtendedCapabilityId.MultiFunctionVirtualChannel,
        ExtendedCapabilityId.VirtualChannelWithMultiFunction, ExtendedCapabilityId.VendorSpecific, ExtendedCapabilityId.AccessControl,
        ExtendedCapabilityId.AlternativeRoutingId, ExtendedCapabilityId.AddressTranslation, ExtendedCapabilityId.Sriov,
        ExtendedCapabilityId.PageRequest, ExtendedCapabilityId.ResizableBar, ExtendedCapabilityId.LatencyTolerance,
        ExtendedCapabilityId.ProcessAddressSpace, ExtendedCapabilityId.DownstreamPortContainment, ExtendedCapabilityId.L1Substates,
        ExtendedCapabilityId.PrecisionTime, ExtendedCapabilityId.DesignatedVendorSpecific,
    ];

    /// <summary>Every place from which a capability of some length reaches beyond the end.</summary>
    public static IEnumerable<int> PlacesBefore(int end) => Enumerable.Range(1, Longest / 4).Select(dwords => end - (4 * dwords));

    /// <summary>A function with one that a number says, filled at random.</summary>
    public static DeviceImage Draw(Random random)
    {
        byte[] rest = new byte[PciRegisters.ConventionalSize];
        random.NextBytes(rest);
        int dwords = random.Next(1, (Longest / 4) + 1);
        return random.Next(3) switch
        {
            0 => Conventional(DeviceImages.E1000E).WithStandardAt(StandardIds[random.Next(StandardIds.Count)], PciRegisters.ConventionalSize - (4 * dwords), rest),
            1 => DeviceImages.E1000E.WithStandardAt(StandardIds[random.Next(StandardIds.Count)], PciRegisters.ConventionalSize - (4 * dwords), rest),
            _ => DeviceImages.SriovNvme.WithExtendedAt(ExtendedIds[random.Next(ExtendedIds.Count)], PciRegisters.ExtendedSize - (4 * dwords), rest),
        };
    }

    /// <summary>The same function as conventional PCI would have it: without what is behind 256 bytes.</summary>
    public static DeviceImage Conventional(DeviceImage image) =>
        DeviceImage.FromConfigBytes(image.Bytes.Span[..PciRegisters.ConventionalSize], image.Address);

    /// <summary>A standard capability, first in the list, at a place.</summary>
    /// <param name="image">Of which function.</param>
    /// <param name="id">Which.</param>
    /// <param name="offset">Where.</param>
    /// <param name="rest">What follows its header up to the end.</param>
    public static DeviceImage WithStandardAt(this DeviceImage image, int id, int offset, ReadOnlySpan<byte> rest)
    {
        byte[] bytes = [.. image.Bytes.Span];
        Fill(bytes.AsSpan((offset + 2)..PciRegisters.ConventionalSize), rest);
        bytes[offset] = (byte)id;
        bytes[offset + 1] = bytes[PciRegisters.CapabilityPointer] == offset ? (byte)0 : bytes[PciRegisters.CapabilityPointer];
        bytes[PciRegisters.CapabilityPointer] = (byte)offset;
        bytes[PciRegisters.Status] |= (byte)PciRegisters.StatusCapabilityList;
        return image.WithBytes(bytes);
    }

    /// <summary>An extended capability at a place, and no other.</summary>
    /// <inheritdoc cref="WithStandardAt"/>
    public static DeviceImage WithExtendedAt(this DeviceImage image, int id, int offset, ReadOnlySpan<byte> rest)
    {
        byte[] bytes = [.. image.Bytes.Span];
        Fill(bytes.AsSpan(offset + 4), rest);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(PciRegisters.ConventionalSize), (1 << 16) | ((uint)offset << 20));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), (uint)id | (1 << 16));
        return image.WithBytes(bytes);
    }

    private static void Fill(Span<byte> registers, ReadOnlySpan<byte> rest) => rest[..registers.Length].CopyTo(registers);
}
