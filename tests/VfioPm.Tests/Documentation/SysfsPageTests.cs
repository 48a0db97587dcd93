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
        string[] rows = Rows(Modelled);

        List<string> wrong = [];
        foreach (string[] cells in rows.Select(row => row.Split('|', StringSplitOptions.TrimEntries)))
        {
            foreach (string attribute in cells[1].Split(", ").Select(name => name.Trim('`')))
            {
                PciDevice device = nic.Sysfs.Read(attribute).Error == Errno.ENOENT ? port : nic;
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
        DeviceAttributes.All.Concat(WakeupAttributes.All).Concat(ResetAttributes.All).Concat(BridgeAttributes.All).Concat(LinkAttributes.All).Concat(SriovAttributes.All)
            .Select(attribute => attribute.Name)
            .Where(name => !SourceFiles.Read("docs/sysfs.md").Contains($"`{name}`", StringComparison.Ordinal))
            .Should().BeEmpty();

    [Fact]
    public void What_Linux_has_and_the_model_has_not_is_listed_and_told_apart_from_what_neither_has()
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        PciDevice nic = host.AddEndpoint("0000:00:05.0");

        Rows(NotModelled).SelectMany(row => row.Split('|')[1].Split(',')).Select(name => name.Trim(' ', '`'))
            .Should().BeEquivalentTo(NotModelledAttributes.Names);
        NotModelledAttributes.Names.Select(name => SysfsResultCheck.Succeeded(nic.Sysfs.Read(name)).Look().ToString())
            .Should().OnlyContain(told => told.Contains("is not modelled, though Linux has it", StringComparison.Ordinal));
        KernelResultCheck.Succeeded(nic.Sysfs.Write("link/l1_aspm", "1")).Look().ToString().Should().Contain("link/l1_aspm is not modelled");
        SysfsResultCheck.Succeeded(nic.Sysfs.Read("frob")).Look().ToString()
            .Should().Contain("there is no such attribute of 0000:00:05.0 on linux-7.3").And.NotContain("modelled");
    }

    private static string[] Rows(int part) =>
        [.. SourceFiles.Read("docs/sysfs.md").Split("## Not modelled")[part].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))];
}
