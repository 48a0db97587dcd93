using System.Buffers.Binary;

namespace VfioPm.Tests.Pci;

/// <summary>Which bits of its registers a function has, by what it says of itself, and which of them a reset puts back.</summary>
public class RegisterLayoutTests
{
    private const int Conventional = 0x00;
    private const int Bridge = 0x01;
    private const int CardBus = 0x02;
    private const int Start = 0x50;
    private const int ExtendedStart = 0x100;

    // PCI Local Bus 3.0, section 6.2; PCI-to-PCI Bridge 1.2, section 3.2; PCI Express Base, section 7.5.1.
    [Theory]
    [InlineData(Conventional, false, PciRegisters.Command, 0x077f, 0)]
    [InlineData(Conventional, true, PciRegisters.Command, 0x0547, 0)]
    [InlineData(Conventional, false, 0x0c, 0xffff, 0)]
    [InlineData(Conventional, true, 0x0c, 0x00ff, 0)]
    [InlineData(Conventional, true, PciRegisters.Status, 0, 0xf900)]
    [InlineData(Conventional, true, 0x3e, 0, 0)]
    [InlineData(Bridge, false, 0x1a, 0xffff, 0)]
    [InlineData(Bridge, true, 0x1a, 0x00ff, 0)]
    [InlineData(Bridge, false, 0x1e, 0, 0xf900)]
    [InlineData(Bridge, false, 0x3e, 0x0bff, 0x0400)]
    [InlineData(Bridge, true, 0x3e, 0x005f, 0)]
    [InlineData(Bridge, false, PciRegisters.Command, 0x077f, 0)]
    [InlineData(CardBus, false, PciRegisters.Command, 0x077f, 0)]
    [InlineData(CardBus, false, 0x1a, 0, 0)]
    [InlineData(0x03, false, PciRegisters.Command, 0, 0)]
    public void Of_the_header(int type, bool isExpress, int register, int writable, int cleared)
    {
        byte[] space = Space(type);
        if (isExpress)
        {
            Put(space, CapabilityId.Express, 0x0002);
        }

        BitsAt(space, register).Should().Be((writable, cleared));
    }

    // PCI Express Base, sections 7.5.3.4 to 7.5.3.19: version and type are in the low byte of the capability's flags.
    [Theory]
    [InlineData(0x0002, ExpressRegisters.DeviceControl, 0x7fff, 0)]
    [InlineData(0x0002, ExpressRegisters.DeviceStatus, 0, 0x004f)]
    [InlineData(0x0002, 0x10, 0x03cb, 0)]
    [InlineData(0x0042, 0x10, 0xcfdb, 0)]
    [InlineData(0x0062, 0x10, 0xcfdb, 0)]
    [InlineData(0x0052, 0x10, 0x03cb, 0)]
    [InlineData(0x0002, 0x12, 0, 0)]
    [InlineData(0x0042, 0x12, 0, 0xc000)]
    [InlineData(0x0142, 0x18, 0x1fff, 0)]
    [InlineData(0x0142, 0x1a, 0, 0x011f)]
    [InlineData(0x0042, 0x18, 0, 0)]
    [InlineData(0x0102, 0x18, 0, 0)]
    [InlineData(0x0042, ExpressRegisters.RootControl, 0x000f, 0)]
    [InlineData(0x00a2, ExpressRegisters.RootControl, 0x000f, 0)]
    [InlineData(0x0062, ExpressRegisters.RootControl, 0, 0)]
    [InlineData(0x0042, ExpressRegisters.RootStatus + 2, 0, 0x0001)]
    [InlineData(0x0002, 0x28, 0xffff, 0)]
    [InlineData(0x0003, 0x28, 0xffff, 0)]
    [InlineData(0x0001, 0x28, 0, 0)]
    [InlineData(0x0002, 0x30, 0xffbf, 0)]
    public void Of_PCI_Express(int flags, int register, int writable, int cleared)
    {
        byte[] space = Space(Conventional);
        Put(space, CapabilityId.Express, (ushort)flags);

        BitsAt(space, Start + register).Should().Be((writable, cleared));
    }

    // PCI Local Bus 3.0, section 6.8.1: bit 7 of Message Control is addresses of 64 bits, bit 8 masking.
    [Theory]
    [InlineData(0x0000, 0x02, 0x0071)]
    [InlineData(0x0000, 0x04, 0xfffc)]
    [InlineData(0x0000, 0x08, 0xffff)]
    [InlineData(0x0000, 0x0c, 0)]
    [InlineData(0x0080, 0x0a, 0xffff)]
    [InlineData(0x0000, 0x0a, 0)]
    [InlineData(0x0080, 0x0c, 0xffff)]
    [InlineData(0x0080, 0x0e, 0)]
    [InlineData(0x0100, 0x0c, 0xffff)]
    [InlineData(0x0100, 0x0e, 0xffff)]
    [InlineData(0x0100, 0x10, 0)]
    [InlineData(0x0180, 0x0e, 0)]
    [InlineData(0x0180, 0x10, 0xffff)]
    [InlineData(0x0180, 0x12, 0xffff)]
    public void Of_MSI(int control, int register, int writable)
    {
        byte[] space = Space(Conventional);
        Put(space, CapabilityId.Msi, (ushort)control);

        BitsAt(space, Start + register).Should().Be((writable, 0));
    }

    // PCI Power Management 1.2, section 3.2.4: PME_En and PME_Status are there if PME# is; a data register makes Data_Select.
    [Theory]
    [InlineData(0x0003, 0x0000, 0x0003, 0)]
    [InlineData(0x0803, 0x0000, 0x0103, 0x8000)]
    [InlineData(0x8003, 0x0000, 0x0103, 0x8000)]
    [InlineData(0x0003, 0x2000, 0x1e03, 0)]
    [InlineData(0x0003, 0x0200, 0x1e03, 0)]
    public void Of_PMCSR(int capabilities, int pmcsr, int writable, int cleared)
    {
        byte[] space = Space(Conventional);
        Put(space, CapabilityId.PowerManagement, (ushort)capabilities);
        BinaryPrimitives.WriteUInt16LittleEndian(space.AsSpan(Start + PmRegisters.ControlStatus), (ushort)pmcsr);

        BitsAt(space, Start + PmRegisters.ControlStatus).Should().Be((writable, cleared));
    }

    [Theory]
    [InlineData(CapabilityId.VitalProductData, 0x02, 0xffff)]
    [InlineData(CapabilityId.VitalProductData, 0x06, 0xffff)]
    [InlineData(CapabilityId.PciX, 0x02, 0x007f)]
    [InlineData(CapabilityId.MsiX, 0x02, 0xc000)]
    [InlineData(0x09, 0x02, 0)]
    public void Of_other_capabilities(int id, int register, int writable)
    {
        byte[] space = Space(Conventional);
        Put(space, id, 0);

        BitsAt(space, Start + register).Should().Be((writable, 0));
    }

    // PCI Express Base, section 7.8.4.7 (what can be enabled is right below what enables it), 7.9.1 (channels beside VC0), 9.3.3.
    [Theory]
    [InlineData(ExtendedCapabilityId.AdvancedErrorReporting, 0x18, 0x02a0, 0x0540)]
    [InlineData(ExtendedCapabilityId.AdvancedErrorReporting, 0x18, 0x0020, 0x0040)]
    [InlineData(ExtendedCapabilityId.AdvancedErrorReporting, 0x18, 0x0000, 0)]
    [InlineData(ExtendedCapabilityId.VirtualChannel, 0x04, 0x0001, 0)]
    public void Of_extended_capabilities(int id, int from, int says, int writable)
    {
        byte[] space = Express();
        PutExtended(space, id, from, (uint)says);

        BitsAt(space, ExtendedStart + from).Should().Be((writable, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_as_many_virtual_channels_as_there_are(int others)
    {
        byte[] space = Express();
        PutExtended(space, ExtendedCapabilityId.VirtualChannel, 0x04, (uint)others | 0xff00);

        for (int channel = 1; channel <= 3; channel++)
        {
            int control = ExtendedStart + 0x14 + (0x0c * channel);
            BitsAt(space, control).Writable.Should().Be(channel <= others ? 0x00fe : 0);
            BitsAt(space, control + 2).Writable.Should().Be(channel <= others ? 0x870e : 0);
        }

        BitsAt(space, ExtendedStart + 0x14).Writable.Should().Be(0x00fe, "VC0 is always there");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_as_many_resizable_BARs_as_there_are(int count)
    {
        byte[] space = Express();
        PutExtended(space, ExtendedCapabilityId.ResizableBar, 0x04, 0x10);
        PutExtended(space, ExtendedCapabilityId.ResizableBar, 0x08, (uint)count << 5);
        PutExtended(space, ExtendedCapabilityId.ResizableBar, 0x0c, 0x10);

        BitsAt(space, ExtendedStart + 0x08).Writable.Should().Be(0x3f00);
        BitsAt(space, ExtendedStart + 0x10).Writable.Should().Be(count > 1 ? 0x3f00 : 0);
    }

    /// <summary>A broken chain can put one right before the end: what is behind that is not there.</summary>
    [Theory]
    [InlineData(CapabilityId.Msi, 0xf8, 0xfa, 0x0071)]
    [InlineData(CapabilityId.Msi, 0xfc, 0xfe, 0x0071)]
    [InlineData(CapabilityId.Express, 0xfc, 0xfe, 0)]
    [InlineData(CapabilityId.PowerManagement, 0xf8, 0xfc, 0x0003)]
    [InlineData(CapabilityId.PowerManagement, 0xfc, 0xfe, 0)]
    public void Of_a_capability_at_the_end(int id, int offset, int register, int writable)
    {
        byte[] space = Space(Conventional);
        Put(space, id, 0, offset);

        BitsAt(space, register).Writable.Should().Be(writable);
    }

    // PCI Local Bus 3.0, section 6.2.5.
    [Theory]
    [InlineData(0xfe00_0000u, 0x1_0000ul, 0xffff_0000u, 0u)]
    [InlineData(0xfe00_0008u, 0x2000ul, 0xffff_e000u, 0u)]
    [InlineData(0x0000_c001u, 0x20ul, 0xffff_ffe0u, 0u)]
    [InlineData(0xfe00_0004u, 0x2000ul, 0xffff_e000u, 0xffff_ffffu)]
    [InlineData(0x0000_0004u, 1ul << 34, 0u, 0xffff_fffcu)]
    public void Of_a_BAR(uint register, ulong size, uint writable, uint above)
    {
        byte[] space = Space(Conventional);
        BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(PciRegisters.BaseAddress0), register);
        PciFunction function = PciFunction.Standalone(DeviceImage.FromConfigBytes(space).WithBarSize(0, size));

        WritableAt(function, PciRegisters.BaseAddress0).Should().Be(writable);
        WritableAt(function, PciRegisters.BaseAddress0 + 4).Should().Be(above);
    }

    [Fact]
    public void Of_a_ROM()
    {
        byte[] space = Space(Conventional);
        BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(PciRegisters.RomAddress), 0xfe00_0000);
        PciFunction function = PciFunction.Standalone(DeviceImage.FromConfigBytes(space).WithBarSize(Bar.RomIndex, 0x1_0000));

        WritableAt(function, PciRegisters.RomAddress).Should().Be(0xffff_0001);
    }

    /// <summary>Device Control is put back to what the specification says, Link Control not by the function alone.</summary>
    [Theory]
    [InlineData(ResetKind.FunctionLevel, 0x2810, 0x0042)]
    [InlineData(ResetKind.Bus, 0x2810, 0x0000)]
    public void A_reset_puts_back_what_it_reaches(ResetKind kind, int deviceControl, int linkControl)
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.E1000E.WithBytes(DeviceImages.E1000E.Bytes.Span));
        int express = function.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        function.WriteConfig(express + ExpressRegisters.DeviceControl, 2, 0x000f);
        function.WriteConfig(express + 0x10, 2, 0x0042);

        function.Reset(kind);

        (function.ReadConfig(express + ExpressRegisters.DeviceControl, 2) & ~0xe0u).Should().Be((uint)deviceControl);
        (function.ReadConfig(express + 0x10, 2) & 0x0042).Should().Be((uint)linkControl);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_BARs_of_virtual_functions_are_put_back_by_a_reset_unless_the_silicon_keeps_them(bool keeps)
    {
        HardwareBehavior behavior = new() { KeepsSriovOverResets = keeps };
        PciFunction function = new Silicon(DeviceImages.SriovNvme.WithBytes(DeviceImages.SriovNvme.Bytes.Span), behavior).Endpoint;
        int bar = function.Capabilities.FindExtended(ExtendedCapabilityId.Sriov)!.Value.Offset + SriovRegisters.VfBaseAddress0;
        function.WriteConfig(bar, 4, 0xabcd_0000);

        function.Reset(ResetKind.Bus);

        (function.Configuration.Read(bar, 4) & ~0xfu).Should().Be(keeps ? 0xabcd_0000u : 0u);
    }

    [Fact]
    public void Of_an_image_that_is_a_function_here_and_a_virtual_function_there()
    {
        DeviceImage image = DeviceImages.SriovNvme.VirtualFunction!;
        PciFunction whole = PciFunction.Standalone(image);
        PciFunction part = new Silicon(DeviceImages.SriovNvme.WithVirtualFunctions(image)).Endpoint.VirtualFunctions[0];

        whole.Configuration.Layout.WritableAt(PciRegisters.Command).Should().Be(0x47);
        part.Configuration.Layout.WritableAt(PciRegisters.Command).Should().Be((byte)PciRegisters.CommandMaster);
        int deviceStatus = part.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.DeviceStatus;
        part.Configuration.Layout.WriteOneToClearAt(deviceStatus).Should().Be(0x0f);
        whole.Configuration.Layout.WriteOneToClearAt(deviceStatus).Should().Be(0x4f);
    }

    private static byte[] Space(int type, int size = PciRegisters.ConventionalSize)
    {
        byte[] space = new byte[size];
        BinaryPrimitives.WriteUInt32LittleEndian(space, 0x1234_8086);
        space[PciRegisters.HeaderType] = (byte)type;
        return space;
    }

    private static byte[] Express()
    {
        byte[] space = Space(Conventional, PciRegisters.ExtendedSize);
        Put(space, CapabilityId.Express, 0x0002);
        return space;
    }

    private static void Put(byte[] space, int id, ushort flags, int offset = Start)
    {
        space[PciRegisters.Status] |= (byte)PciRegisters.StatusCapabilityList;
        space[PciRegisters.CapabilityPointer] = (byte)offset;
        space[offset] = (byte)id;
        BinaryPrimitives.WriteUInt16LittleEndian(space.AsSpan(offset + 2), flags);
    }

    private static void PutExtended(byte[] space, int id, int register, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(ExtendedStart), (uint)id | (1 << 16));
        BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(ExtendedStart + register), value);
    }

    private static (int Writable, int Cleared) BitsAt(byte[] space, int register)
    {
        ConfigurationLayout layout = PciFunction.Standalone(DeviceImage.FromConfigBytes(space)).Configuration.Layout;
        return (layout.WritableAt(register) | (layout.WritableAt(register + 1) << 8),
            layout.WriteOneToClearAt(register) | (layout.WriteOneToClearAt(register + 1) << 8));
    }

    private static uint WritableAt(PciFunction function, int register) => (uint)Enumerable.Range(0, 4)
        .Sum(i => (long)function.Configuration.Layout.WritableAt(register + i) << (8 * i));
}
