using System.Buffers.Binary;
using System.Numerics;

namespace VfioPm;

// The same function with other capabilities: what nobody has a dump of.
public sealed partial class DeviceImage
{
    /// <summary>The same function or port in another place (Device/Port Type): of a switch, say. Upstream ports have no slot.</summary>
    /// <exception cref="InvalidOperationException">The image has no PCI Express capability, or not as much of it.</exception>
    public DeviceImage WithPortType(ExpressPortType type)
    {
        int flags = RegisterAt(Express() + ExpressRegisters.Flags, 2);
        if (ExpressRegisters.TypeOf(_bytes[flags]) == type)
        {
            return this;
        }

        byte[] bytes = [.. _bytes];
        bytes[flags] = (byte)((bytes[flags] & 0xf) | ((int)type << 4));
        if (type == ExpressPortType.UpstreamPort)
        {
            bytes[flags + 1] &= unchecked((byte)~(ExpressRegisters.FlagsSlot >> 8));
        }

        return WithBytes(bytes);
    }

    /// <summary>The same function of another maker: what the kernel's quirks, and drivers, go by.</summary>
    /// <param name="vendor">Vendor ID.</param>
    /// <param name="device">Device ID.</param>
    /// <param name="classCode">Class, subclass and programming interface, such as 0x030000; as it is, unless given.</param>
    /// <param name="revision">Revision ID; as it is, unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">A class code has 24 bits.</exception>
    public DeviceImage WithIdentity(ushort vendor, ushort device, int? classCode = null, byte? revision = null)
    {
        if (classCode is < 0 or > 0xff_ffff)
        {
            throw new ArgumentOutOfRangeException(nameof(classCode), classCode, "A class code has 24 bits.");
        }

        byte[] bytes = [.. _bytes];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(PciRegisters.VendorId), vendor);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(PciRegisters.DeviceId), device);
        Span<byte> register = bytes.AsSpan(PciRegisters.ClassRevision);
        uint before = BinaryPrimitives.ReadUInt32LittleEndian(register);
        BinaryPrimitives.WriteUInt32LittleEndian(
            register, ((uint)(classCode ?? (int)(before >> 8)) << 8) | (revision ?? (before & 0xff)));
        return new DeviceImage(this, Address, bytes, _barSizes, DescribeIds(bytes));
    }

    /// <summary>The same port with a slot that cards may be plugged into while the machine runs.</summary>
    /// <param name="isBare">
    /// Whether the slot has nothing to hold the card with: neither the button, nor the switch for its power, nor the indicators that the
    /// emulator's has. Bays of drives and Thunderbolt ports are such.
    /// </param>
    /// <exception cref="InvalidOperationException">The image is not that of a PCI Express port, or has no room for the slot's registers.</exception>
    public DeviceImage WithHotplugSlot(bool isBare = false)
    {
        byte[] bytes = [.. _bytes];
        if (!IsBridge || Capabilities.Find(CapabilityId.Express) is not { Offset: int express })
        {
            throw new InvalidOperationException($"{Address} is no PCI Express port: it can have no slot.");
        }

        int slot = RegisterAt(express + ExpressRegisters.SlotCapabilities, ExpressRegisters.SlotSize);
        bytes[express + ExpressRegisters.Flags + 1] |= ExpressRegisters.FlagsSlot >> 8;
        bytes[slot] |= (byte)ExpressRegisters.SlotCapabilitiesHotplug;
        if (isBare)
        {
            bytes[slot] &= unchecked((byte)~ExpressRegisters.SlotCapabilitiesControls);
        }

        return WithBytes(bytes);
    }

    /// <summary>
    /// The same port with a link of this speed, that says whether it is up or does not (Data Link Layer Link Active Reporting):
    /// how the kernel waits for what is below it.
    /// </summary>
    /// <param name="speed">The number of the fastest speed: 1 is 2.5 GT/s, 2 is 5 GT/s, 3 is 8 GT/s, and so on up to 15.</param>
    /// <param name="reportsActive">Whether Link Status says that the link is up.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such speed.</exception>
    /// <exception cref="InvalidOperationException">The image has no PCI Express capability, or not as much of it.</exception>
    public DeviceImage WithLink(int speed, bool reportsActive)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(speed, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(speed, (int)ExpressRegisters.LinkCapabilitiesSpeed);
        byte[] bytes = [.. _bytes];
        Span<byte> register = bytes.AsSpan(RegisterAt(Express() + ExpressRegisters.LinkCapabilities, 4));
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(register)
            & ~(ExpressRegisters.LinkCapabilitiesSpeed | ExpressRegisters.LinkCapabilitiesReportsActive);
        BinaryPrimitives.WriteUInt32LittleEndian(
            register, value | (uint)speed | (reportsActive ? ExpressRegisters.LinkCapabilitiesReportsActive : 0));
        SetSpeeds(bytes, speed);
        return WithBytes(bytes);
    }

    /// <summary>Where there is a vector of speeds too, it has all up to the fastest.</summary>
    private void SetSpeeds(byte[] bytes, int fastest)
    {
        int express = Express();
        if ((bytes[express + ExpressRegisters.Flags] & ExpressRegisters.FlagsVersion) > 1)
        {
            Span<byte> register = bytes.AsSpan(RegisterAt(express + ExpressRegisters.LinkCapabilities2, 4));
            uint others = BinaryPrimitives.ReadUInt32LittleEndian(register) & ~ExpressRegisters.LinkCapabilities2Speeds;
            BinaryPrimitives.WriteUInt32LittleEndian(
                register, others | (((2u << fastest) - 1) & ExpressRegisters.LinkCapabilities2Speeds));
        }
    }

    /// <summary>
    /// The same function with a BAR whose size software chooses (Resizable BAR): it has the size that it has now, and comes up with
    /// the smallest after a reset.
    /// </summary>
    /// <param name="bar">0 to 5, a memory BAR that is there.</param>
    /// <param name="smallest">Bytes: a power of two, at least 1 MB.</param>
    /// <param name="largest">Bytes: a power of two, at most 128 TB; the BAR is between both.</param>
    /// <exception cref="ArgumentException">There is no such BAR, or it cannot have these sizes.</exception>
    /// <exception cref="InvalidOperationException">There is no room for the capability, or there is one.</exception>
    public DeviceImage WithResizableBar(int bar, ulong smallest, ulong largest)
    {
        const int Megabyte = 20;
        Bar? found = Bars.FirstOrDefault(one => one.Index == bar && one is { IsIo: false, Kind: not BarKind.Rom });
        bool fits = found is not null && smallest <= found.Size && found.Size <= largest
            && BitOperations.IsPow2(smallest) && BitOperations.IsPow2(largest)
            && smallest >= 1UL << Megabyte && largest <= 1UL << (Megabyte + 27);
        if (!fits)
        {
            throw new ArgumentException(
                $"BAR {bar} of {Address} cannot be resized from 0x{smallest:x} to 0x{largest:x} bytes.", nameof(bar));
        }

        if (Capabilities.FindExtended(ExtendedCapabilityId.ResizableBar) is not null)
        {
            throw new InvalidOperationException($"{Address} has resizable BARs already.");
        }

        uint sizes = 0;
        for (ulong size = smallest; size <= largest; size <<= 1)
        {
            sizes |= 0x10u << (BitOperations.Log2(size) - Megabyte);
        }

        byte[] registers = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(registers, sizes);
        BinaryPrimitives.WriteUInt32LittleEndian(
            registers.AsSpan(4), (uint)bar | 0x20 | ResizableBars.FieldFor(found!.Size));
        return WithCapability(ExtendedCapabilityId.ResizableBar, registers, isExtended: true);
    }

    /// <summary>
    /// The same function, which says that it can be used right after a reset (Immediate Readiness, PCI Local Bus registers of PCI
    /// Express Base 4.0 and later, 7.5.1.1.4): kernels that look do not wait for it.
    /// </summary>
    public DeviceImage WithImmediateReadiness()
    {
        byte[] bytes = [.. _bytes];
        bytes[PciRegisters.Status] |= (byte)PciRegisters.StatusImmediateReadiness;
        return WithBytes(bytes);
    }

    /// <summary>The same in D0, where its registers were read while it slept.</summary>
    internal DeviceImage Awake()
    {
        if (Capabilities.Find(CapabilityId.PowerManagement) is not { Offset: int pm } || pm + PmRegisters.ControlStatus >= _bytes.Length)
        {
            return this;
        }

        byte[] bytes = [.. _bytes];
        bytes[pm + PmRegisters.ControlStatus] &= unchecked((byte)~PmRegisters.StateMask);
        return WithBytes(bytes);
    }

    /// <summary>
    /// The same root port with RRS Software Visibility, which real ones have and the emulator's has not: it shows software which
    /// functions want to be asked again.
    /// </summary>
    /// <exception cref="InvalidOperationException">The image is not that of a root port, or has no room for its registers.</exception>
    public DeviceImage WithRetryVisibility()
    {
        byte[] bytes = [.. _bytes];
        int express = Express();
        if (ExpressRegisters.TypeOf(bytes[express + ExpressRegisters.Flags]) != ExpressPortType.RootPort)
        {
            throw new InvalidOperationException($"{Address} is no root port.");
        }

        bytes[RegisterAt(express + ExpressRegisters.RootCapabilities, 2)] |= (byte)ExpressRegisters.RootCapabilitiesRetryVisible;
        return WithBytes(bytes);
    }

    /// <summary>
    /// The same function with one more capability, first in the list, where the conventional space ends in zeros; an extended one
    /// comes last in its list, at the first place from 0x100 on that is free to the end of the space.
    /// </summary>
    /// <param name="id">Which (<see cref="CapabilityId"/>, <see cref="ExtendedCapabilityId"/>).</param>
    /// <param name="registers">What follows its header: behind two bytes, or four of an extended one.</param>
    /// <param name="isExtended">Whether it is one of the extended capabilities.</param>
    /// <exception cref="ArgumentOutOfRangeException">No capability of this kind has such a number.</exception>
    /// <exception cref="ArgumentException">No capability of this kind has as many registers.</exception>
    /// <exception cref="InvalidOperationException">There is no room for it.</exception>
    public DeviceImage WithCapability(int id, ReadOnlySpan<byte> registers, bool isExtended = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, isExtended ? ushort.MaxValue : byte.MaxValue);
        int most = isExtended
            ? PciRegisters.ExtendedSize - PciRegisters.ConventionalSize - 4
            : PciRegisters.ConventionalSize - PciRegisters.HeaderSize - 2;
        if (registers.Length > most)
        {
            throw new ArgumentException(
                $"{(isExtended ? "An extended" : "A standard")} capability has at most {most} bytes behind its header, not {registers.Length}.",
                nameof(registers));
        }

        byte[] bytes = [.. _bytes];
        int offset = isExtended
            ? AppendExtended(bytes, id, registers.Length)
            : InsertCapability(bytes, id, (2 + registers.Length + 3) & ~3) + 2;
        registers.CopyTo(bytes.AsSpan(offset));
        return WithBytes(bytes);
    }

    /// <summary>The same function without a capability: the list passes over its registers, which stay.</summary>
    /// <param name="id">Which (<see cref="CapabilityId"/>, <see cref="ExtendedCapabilityId"/>).</param>
    /// <param name="isExtended">Whether it is one of the extended capabilities.</param>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public DeviceImage WithoutCapability(int id, bool isExtended = false)
    {
        byte[] bytes = [.. _bytes];
        int[] list = [.. Capabilities.Items.Where(item => item.IsExtended == isExtended).Select(static item => item.Offset)];
        int offset = (isExtended ? Capabilities.FindExtended(id) : Capabilities.Find(id))?.Offset
            ?? throw new InvalidOperationException($"{Address} has no capability {id:x2}.");
        int before = Array.FindIndex(list, item => NextOf(bytes, item, isExtended) == offset);
        if (!isExtended)
        {
            bytes[before < 0 ? PciRegisters.CapabilityPointer : list[before] + 1] = bytes[offset + 1];
        }
        else if (before < 0)
        {
            // The first one has no pointer to it: it stays as the null capability.
            bytes.AsSpan(offset, 2).Clear();
        }
        else
        {
            Span<byte> header = bytes.AsSpan(list[before]);
            BinaryPrimitives.WriteUInt32LittleEndian(
                header,
                (BinaryPrimitives.ReadUInt32LittleEndian(header) & 0xf_ffff) | ((uint)NextOf(bytes, offset, isExtended) << 20));
        }

        return WithBytes(bytes);
    }

    private static int NextOf(byte[] bytes, int offset, bool isExtended) => isExtended
        ? (int)(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset)) >> 20)
        : bytes[offset + 1];

    private int Express() => Capabilities.Find(CapabilityId.Express)?.Offset
        ?? throw new InvalidOperationException($"{Address} has no PCI Express capability.");

    /// <summary>The register of some bytes at an offset, which the space has to reach.</summary>
    private int RegisterAt(int offset, int width) => offset + width <= _bytes.Length
        ? offset
        : throw new InvalidOperationException($"{Address} has no register at 0x{offset:x}: its configuration space ends before.");

    /// <returns>Where its registers are, behind the header.</returns>
    private int AppendExtended(byte[] bytes, int id, int length)
    {
        if (bytes.Length < PciRegisters.ExtendedSize)
        {
            throw new InvalidOperationException($"{Address} has no extended configuration space in its dump.");
        }

        int used = bytes.AsSpan(PciRegisters.ConventionalSize).LastIndexOfAnyExcept((byte)0);
        int offset = PciRegisters.ConventionalSize + ((used + 1 + 3) & ~3);
        if (offset + 4 + length > bytes.Length)
        {
            throw new InvalidOperationException($"{Address} has no room for a capability at 0x{offset:x}.");
        }

        int last = Capabilities.Items.Where(static item => item.IsExtended).Select(static item => item.Offset).LastOrDefault(offset);
        if (last != offset)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                bytes.AsSpan(last), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(last)) | ((uint)offset << 20));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), (uint)id | (1u << 16));
        return offset + 4;
    }
}
