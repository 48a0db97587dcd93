namespace VfioPm.Tests.Pci;

/// <summary>Functions that nobody has a dump of.</summary>
public sealed class DeviceImageCapabilityTests
{
    [Theory]
    [InlineData(CapabilityId.Msi, false)]
    [InlineData(CapabilityId.PowerManagement, false)]
    [InlineData(ExtendedCapabilityId.AdvancedErrorReporting, true)]
    [InlineData(ExtendedCapabilityId.SerialNumber, true)]
    public void A_capability_that_is_taken_away_is_passed_over_and_the_others_stay(int id, bool isExtended)
    {
        Capability[] before = [.. DeviceImages.E1000E.Capabilities.Items];

        DeviceImage without = DeviceImages.E1000E.WithoutCapability(id, isExtended);

        without.Capabilities.Findings.Should().BeEmpty();
        without.Capabilities.Items.Where(item => item.Id != 0)
            .Should().Equal(before.Where(item => item.Id != id || item.IsExtended != isExtended));
    }

    [Fact]
    public void An_extended_capability_in_the_middle_is_passed_over()
    {
        DeviceImage three = DeviceImages.E1000E.WithCapability(ExtendedCapabilityId.AddressTranslation, [1, 2, 3, 4], isExtended: true);

        three.WithoutCapability(ExtendedCapabilityId.SerialNumber, isExtended: true)
            .Capabilities.Items.Where(static item => item.IsExtended).Select(static item => item.Id)
            .Should().Equal(ExtendedCapabilityId.AdvancedErrorReporting, ExtendedCapabilityId.AddressTranslation);
    }

    [Fact]
    public void A_capability_that_is_not_there_cannot_be_taken_away() =>
        FluentActions.Invoking(() => DeviceImages.E1000E.WithoutCapability(CapabilityId.PciX))
            .Should().Throw<InvalidOperationException>().WithMessage("0000:01:00.0 has no capability 07.");

    [Theory]
    [InlineData(CapabilityId.PciX, false, 2)]
    [InlineData(ExtendedCapabilityId.AddressTranslation, true, 4)]
    public void A_capability_can_be_added_with_its_registers(int id, bool isExtended, int header)
    {
        DeviceImage with = DeviceImages.E1000E.WithCapability(id, [1, 2, 3, 4], isExtended);

        Capability added = with.Capabilities.Items.Should().ContainSingle(item => item.Id == id && item.IsExtended == isExtended).Subject;
        with.Bytes.Span.Slice(added.Offset + header, 4).ToArray().Should().Equal(1, 2, 3, 4);
        with.Capabilities.Findings.Should().BeEmpty();
        with.Capabilities.Items.Should().HaveCount(DeviceImages.E1000E.Capabilities.Items.Count + 1);
    }

    /// <summary>What was refused spoke of a span's "start", or of nothing, and cut the number off.</summary>
    [Theory]
    [InlineData(CapabilityId.PciX, 5000, false, "registers")]
    [InlineData(CapabilityId.PciX, 191, false, "registers")]
    [InlineData(ExtendedCapabilityId.AddressTranslation, 3837, true, "registers")]
    [InlineData(0x107, 4, false, "id")]
    [InlineData(0x1_000f, 4, true, "id")]
    [InlineData(-1, 4, false, "id")]
    public void A_capability_that_no_function_can_have_is_refused_by_name(int id, int length, bool isExtended, string name) =>
        FluentActions.Invoking(() => DeviceImages.E1000E.WithCapability(id, new byte[length], isExtended))
            .Should().Throw<ArgumentException>().WithParameterName(name);

    [Theory]
    [InlineData(190, false, "0000:01:00.0 has no room for a capability at 0x40.")]
    [InlineData(3836, true, "0000:01:00.0 has no room for a capability at 0x*.")]
    public void A_capability_that_this_function_has_no_room_for_is_refused_by_its_place(int length, bool isExtended, string why) =>
        FluentActions.Invoking(() => DeviceImages.E1000E.WithCapability(CapabilityId.PciX, new byte[length], isExtended))
            .Should().Throw<InvalidOperationException>().WithMessage(why);

    [Fact]
    public void A_link_has_the_speed_and_the_reporting_that_it_is_given()
    {
        PciFunction port = PciFunction.Standalone(DeviceImages.RootPort.WithLink(speed: 3, reportsActive: true));

        int express = port.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        uint link = port.Configuration.Read(express + ExpressRegisters.LinkCapabilities, 4);
        (link & ExpressRegisters.LinkCapabilitiesSpeed).Should().Be(3);
        (link & ExpressRegisters.LinkCapabilitiesReportsActive).Should().NotBe(0);
    }

    // PCI Express Base, section 7.5.3.18: bit 1 of the vector is 2.5 GT/s; the first version of the capability has none.
    [Theory]
    [InlineData(2, 1, 0x02u)]
    [InlineData(2, 3, 0x0eu)]
    [InlineData(2, 7, 0xfeu)]
    [InlineData(1, 3, 0x5au)]
    public void A_port_has_all_speeds_up_to_its_fastest(int version, int fastest, uint speeds)
    {
        byte[] bytes = DeviceImages.RootPort.Bytes.ToArray();
        int express = DeviceImages.RootPort.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        bytes[express + ExpressRegisters.Flags] = (byte)((bytes[express + ExpressRegisters.Flags] & 0xf0) | version);
        bytes[express + ExpressRegisters.LinkCapabilities2] = 0x5a;

        ReadOnlySpan<byte> with = DeviceImages.RootPort.WithBytes(bytes).WithLink(fastest, reportsActive: true).Bytes.Span;

        ((uint)with[express + ExpressRegisters.LinkCapabilities2] & 0xfe).Should().Be(speeds);
        (with[express + ExpressRegisters.LinkCapabilities] & 0xf).Should().Be(fastest);
    }

    [Theory]
    [InlineData(ExpressPortType.DownstreamPort, 0x01, 0x62)]
    [InlineData(ExpressPortType.UpstreamPort, 0x00, 0x52)]
    [InlineData(ExpressPortType.RootPort, 0x01, 0x42)]
    public void A_port_of_another_kind_keeps_what_else_it_says(ExpressPortType type, int slot, int flags)
    {
        DeviceImage with = DeviceImages.RootPort.WithHotplugSlot().WithPortType(type);

        int express = with.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        with.Bytes.Span.Slice(express + ExpressRegisters.Flags, 2).ToArray().Should().Equal((byte)flags, (byte)slot);
    }

    [Fact]
    public void A_port_without_a_slot_is_given_one()
    {
        byte[] bytes = DeviceImages.RootPort.Bytes.ToArray();
        int express = DeviceImages.RootPort.Capabilities.Find(CapabilityId.Express)!.Value.Offset;
        bytes[express + ExpressRegisters.Flags + 1] &= unchecked((byte)~(ExpressRegisters.FlagsSlot >> 8));
        DeviceImage without = DeviceImages.RootPort.WithBytes(bytes);

        ReadOnlySpan<byte> with = without.WithHotplugSlot().Bytes.Span;

        with[express + ExpressRegisters.Flags + 1].Should().Be((byte)(bytes[express + ExpressRegisters.Flags + 1] | (ExpressRegisters.FlagsSlot >> 8)));
        with[express + ExpressRegisters.Flags].Should().Be(bytes[express + ExpressRegisters.Flags]);
    }

    [Theory]
    [InlineData(0, 20, 47, true)]
    [InlineData(0, 19, 47, false)]
    [InlineData(0, 20, 48, false)]
    [InlineData(0, 21, 30, false)]
    [InlineData(1, 20, 30, false)]
    [InlineData(2, 20, 30, false)]
    [InlineData(Bar.RomIndex, 20, 30, false)]
    public void A_BAR_that_can_be_resized_is_memory_of_a_size_between(int bar, int smallest, int largest, bool fits)
    {
        DeviceImage image = DeviceImages.E1000E.WithBarSize(0, 1 << 20).WithBarSize(Bar.RomIndex, 1 << 20);
        Action resizable = () => image.WithResizableBar(bar, 1UL << smallest, 1UL << largest);

        if (fits)
        {
            resizable.Should().NotThrow();
        }
        else
        {
            resizable.Should().Throw<ArgumentException>().WithParameterName(nameof(bar));
        }
    }

    [Fact]
    public void A_capability_may_fill_what_is_left()
    {
        int used = DeviceImages.E1000E.Bytes.Span.LastIndexOfAnyExcept((byte)0) + 1;
        int left = PciRegisters.ExtendedSize - ((used + 3) & ~3) - 4;

        DeviceImage with = DeviceImages.E1000E.WithCapability(ExtendedCapabilityId.AddressTranslation, new byte[left], isExtended: true);

        with.Capabilities.FindExtended(ExtendedCapabilityId.AddressTranslation)!.Value.Offset.Should().Be((used + 3) & ~3);
        FluentActions.Invoking(() => DeviceImages.E1000E.WithCapability(
            ExtendedCapabilityId.AddressTranslation, new byte[left + 1], isExtended: true)).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void The_first_capability_of_all_begins_the_list()
    {
        byte[] bytes = new byte[PciRegisters.ConventionalSize];
        (bytes[0], bytes[1], bytes[PciRegisters.CapabilityPointer]) = (0x86, 0x80, 0xe3);

        DeviceImage with = DeviceImage.FromConfigBytes(bytes).WithCapability(CapabilityId.MsiX, [1, 2]);

        with.Capabilities.Items.Should().ContainSingle().Which.Id.Should().Be(CapabilityId.MsiX);
        FluentActions.Invoking(() => DeviceImage.FromConfigBytes(bytes.AsSpan(0, 64)).WithCapability(CapabilityId.MsiX, [1, 2]))
            .Should().Throw<InvalidOperationException>();
    }

    [Theory]
    [InlineData(0x8000, true)]
    [InlineData(0x8001, false)]
    public void Vital_product_data_is_as_large_as_its_address_reaches(int length, bool fits)
    {
        Action with = () => DeviceImages.E1000E.WithVitalProductData(new byte[length]);

        if (fits)
        {
            with.Should().NotThrow();
        }
        else
        {
            with.Should().Throw<ArgumentException>();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public void A_link_of_a_speed_that_there_is_not_is_refused(int speed) =>
        FluentActions.Invoking(() => DeviceImages.RootPort.WithLink(speed, reportsActive: true))
            .Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void What_is_not_said_of_an_identity_stays()
    {
        uint before = ClassRevisionOf(DeviceImages.Nvme);

        ClassRevisionOf(DeviceImages.Nvme.WithIdentity(1, 2)).Should().Be(before);
        ClassRevisionOf(DeviceImages.Nvme.WithIdentity(1, 2, revision: 7)).Should().Be((before & ~0xffu) | 7);
        ClassRevisionOf(DeviceImages.Nvme.WithIdentity(1, 2, classCode: 0x030000)).Should().Be((before & 0xff) | 0x0300_0000);
    }

    [Fact]
    public void A_size_that_the_dump_does_not_tell_is_marked_as_guessed()
    {
        var bare = DeviceImage.FromConfigBytes(DeviceImages.Nvme.Bytes.Span);

        bare.Bars[0].IsSizeGuessed.Should().BeTrue();
        bare.WithBarSize(0, 0x4000).Bars[0].Should().Be(DeviceImages.Nvme.Bars[0]);
        DeviceImages.Nvme.Bars[0].IsSizeGuessed.Should().BeFalse();
    }

    [Fact]
    public void A_failure_says_which_sizes_were_guessed()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice disk = host.AddEndpoint("0000:00:05.0", DeviceImage.FromConfigBytes(DeviceImages.Nvme.Bytes.Span));
        using VfioDeviceFile device = host.VfioPci.Bind(disk).Open();

        Failure.MessageOf(() => device.Read(0, 0x1_0000, new byte[4]).Should().Succeed())
            .Should().Contain("Guessed, since the dump has no sizes").And.Contain("BAR 0 has 0x");
    }

    private static uint ClassRevisionOf(DeviceImage image) => PciFunction.Standalone(image).ReadConfig(PciRegisters.ClassRevision, 4);
}
