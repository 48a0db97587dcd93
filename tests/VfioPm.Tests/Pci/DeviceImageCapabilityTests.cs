namespace VfioPm.Tests.Pci;

/// <summary>Functions that nobody has a dump of.</summary>
public sealed class DeviceImageCapabilityTests
{
    [Theory]
    [InlineData(CapabilityId.Msi, false)]
    [InlineData(CapabilityId.PowerManagement, false)]
    [InlineData(ExtendedCapabilityId.AdvancedErrorReporting, true)]
    public void A_capability_that_is_taken_away_is_passed_over_and_the_others_stay(int id, bool isExtended)
    {
        Capability[] before = [.. DeviceImages.E1000E.Capabilities.Items];

        DeviceImage without = DeviceImages.E1000E.WithoutCapability(id, isExtended);

        without.Capabilities.Findings.Should().BeEmpty();
        without.Capabilities.Items.Where(item => item.Id != 0)
            .Should().Equal(before.Where(item => item.Id != id || item.IsExtended != isExtended));
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
