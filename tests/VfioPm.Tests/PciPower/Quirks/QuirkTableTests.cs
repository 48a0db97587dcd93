namespace VfioPm.Tests;

/// <summary>The rows of <c>drivers/pci/quirks.c</c> that look at more than vendor and device.</summary>
public sealed class QuirkTableTests
{
    public static TheoryData<string> Names => [.. PciQuirks.All.Select(static quirk => quirk.Name).Distinct()];

    [Theory]
    [InlineData(ExpressPortType.RootPort, true)]
    [InlineData(ExpressPortType.DownstreamPort, false)]
    public void quirk_fsl_no_msi_is_for_root_ports(ExpressPortType type, bool isFor) =>
        NamesOf(DeviceImages.RootPort.WithPortType(type).WithIdentity(0x1957, 0x0400)).Contains("quirk_fsl_no_msi").Should().Be(isFor);

    [Theory]
    [InlineData(ExpressPortType.DownstreamPort, true)]
    [InlineData(ExpressPortType.UpstreamPort, false)]
    public void quirk_plx_pex_no_d3_is_for_downstream_ports(ExpressPortType type, bool isFor) =>
        NamesOf(DeviceImages.RootPort.WithPortType(type).WithIdentity(0x10b5, 0x8532)).Contains("quirk_plx_pex_no_d3").Should().Be(isFor);

    [Theory]
    [InlineData(0x1547, 1, true, true)]
    [InlineData(0x1547, 2, true, false)]
    [InlineData(0x1513, 2, true, true)]
    [InlineData(0x1513, 2, false, false)]
    public void quirk_thunderbolt_hotplug_msi_is_for_ports_with_a_slot_and_early_ones_of_one_kind(
        int device, byte revision, bool hasSlot, bool isFor)
    {
        DeviceImage port = hasSlot ? DeviceImages.RootPort.WithHotplugSlot() : DeviceImages.RootPort;

        NamesOf(port.WithIdentity(0x8086, (ushort)device, revision: revision))
            .Contains("quirk_thunderbolt_hotplug_msi").Should().Be(isFor);
    }

    [Theory]
    [InlineData(0x17, true)]
    [InlineData(0x18, false)]
    public void quirk_msi_intx_disable_qca_bug_is_for_early_revisions(byte revision, bool isFor) =>
        NamesOf(DeviceImages.E1000E.WithIdentity(0x1969, 0x1090, revision: revision))
            .Contains("quirk_msi_intx_disable_qca_bug").Should().Be(isFor);

    [Theory]
    [InlineData(0x17, true)]
    [InlineData(0x18, false)]
    public void quirk_msi_intx_disable_qca_bug_has_INTx_on_beside_messages(byte revision, bool needsIntx)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        DeviceImage image = DeviceImages.E1000E.WithIdentity(0x1969, 0x1090, revision: revision);

        host.AddEndpoint("0000:00:05.0", image).Quirks.NeedsIntxForMsi.Should().Be(needsIntx);
    }

    /// <summary>vfio-pci finds at such a function no INTx that it could mask, and so gives it to nobody who would share it.</summary>
    [Fact]
    public void quirk_broken_intx_masking_makes_masking_impossible()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);

        host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithIdentity(0x1425, 0x0030)).Quirks.HasBrokenIntxMasking.Should().BeTrue();
        host.AddEndpoint("0000:00:06.0", DeviceImages.E1000E).Quirks.HasBrokenIntxMasking.Should().BeFalse();
    }

    [Theory]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", true)]
    public void quirk_no_imm_ready_came_with_Linux_7_3(string profile, bool isNotReady)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));

        host.AddEndpoint("0000:00:05.0", DeviceImages.Nvme.WithIdentity(0x144d, 0xa80c)).Quirks.IsNotReadyAtOnce.Should().Be(isNotReady);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_is_told_with_its_meaning_and_the_releases_that_have_it(string name)
    {
        foreach (PciQuirk quirk in PciQuirks.All.Where(quirk => quirk.Name == name))
        {
            quirk.ToString().Should().StartWith(name).And.EndWith(quirk.Meaning);
            quirk.ToString().Contains($"({quirk.Releases})", StringComparison.Ordinal).Should().Be(quirk.Releases != QuirkReleases.All);
        }
    }

    private static IEnumerable<string> NamesOf(DeviceImage image) => PciQuirks.Of(image).Select(static quirk => quirk.Name);
}
