using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>The page of attributes is what the model has.</summary>
public sealed class SysfsPageTests
{
    private const int Modelled = 0;
    private const int NotModelled = 1;

    [Fact]
    public void Each_attribute_is_read_and_written_as_the_page_says()
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3, new VfioModuleParameters { EnableSriov = true });
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource().WithWake());
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme, setup => setup.WithPowerResource().WithWake());
        PciDevice gpu = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithBarSize(0, 1 << 20).WithResizableBar(0, 1 << 20, 1 << 20));
        string[] rows = Rows(Modelled);

        List<string> wrong = [];
        foreach (string[] cells in rows.Select(row => row.Split('|', StringSplitOptions.TrimEntries)))
        {
            foreach (string attribute in cells[1].Split(" (")[0].Split(", ").Select(name => name.Trim('`')))
            {
                PciDevice device = ((PciDevice[])[nic, port]).FirstOrDefault(one => one.Sysfs.Read(attribute).Error != Errno.ENOENT, gpu);
                Errno? read = device.Sysfs.Read(attribute).Error;
                Errno? written = device.Sysfs.Write(attribute, "nonsense").Errno;
                if (read == Errno.ENOENT
                    || (read == Errno.EACCES) != (cells[2].Length == 0)
                    || (written == Errno.EACCES) != (cells[3].Length == 0))
                {
                    wrong.Add($"{attribute}: reading gives {read}, writing {written}");
                }
            }
        }

        wrong.Should().BeEmpty();
        rows.Should().HaveCountGreaterThan(15);
    }

    [Fact]
    public void No_attribute_is_missing_on_the_page() =>
        DeviceAttributes.All.Concat(WakeupAttributes.All).Concat(ResetAttributes.All).Concat(BridgeAttributes.All).Concat(LinkAttributes.All).Concat(SriovAttributes.All).Concat(ResourceAttributes.All)
            .Select(attribute => Regex.Replace(attribute.Name, "^resource[1-5]", "resource0"))
            .Where(name => !SourceFiles.Read("docs/sysfs.md").Contains($"`{name}`", StringComparison.Ordinal))
            .Should().BeEmpty();

    [Fact]
    public void What_Linux_has_and_the_model_has_not_is_listed_and_told_apart_from_what_neither_has()
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithIdentity(0x8086, 0x10d3, classCode: 0x030000).WithVitalProductData([1]));
        PciDevice bare = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithoutCapability(ExtendedCapabilityId.AdvancedErrorReporting, isExtended: true));

        Rows(NotModelled).SelectMany(row => row.Split('|')[1].Split(',')).Select(name => name.Trim(' ', '`'))
            .Should().BeEquivalentTo(NotModelledAttributes.All.Select(static attribute => attribute.Name));
        foreach (string name in (string[])["irq", "vpd", "boot_vga", "link/l1_aspm", "aer_dev_fatal"])
        {
            Told(nic, name).Should().Contain("is not modelled, though Linux has it");
            Told(bare, name).Contains("there is no such attribute of 0000:00:05.0 on linux-7.3", StringComparison.Ordinal).Should().Be(name != "irq");
        }

        Told(port, "aer_rootport_total_err_cor").Should().Contain("is not modelled");
        Told(nic, "aer_rootport_total_err_cor").Should().Contain("there is no such attribute");
        Told(nic, "power/pm_qos_no_power_off").Should().Contain("there is no such attribute", "no driver of PCI functions exposes it");
        KernelResultCheck.Succeeded(nic.Sysfs.Write("link/l1_aspm", "1")).Look().ToString().Should().Contain("link/l1_aspm is not modelled");
        SysfsResultCheck.Succeeded(host.Topology.Sysfs.Read("drivers_autoprobe")).Look().ToString().Should().Contain("is not modelled");
        Told(bare, "frob").Should().Contain("there is no such attribute").And.NotContain("modelled");

        static string Told(PciDevice device, string name) => SysfsResultCheck.Succeeded(device.Sysfs.Read(name)).Look().ToString();
    }

    private static string[] Rows(int part) =>
        [.. SourceFiles.Read("docs/sysfs.md").Split("## Not modelled")[part].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))];
}
