namespace VfioPm.Tests;

/// <summary>The page of attributes is what the model has.</summary>
public sealed class SysfsPageTests
{
    [Fact]
    public void Each_attribute_is_read_and_written_as_the_page_says()
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3, new VfioModuleParameters { EnableSriov = true });
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource().WithWake());
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme, setup => setup.WithPowerResource().WithWake());
        string[] rows = [.. SourceFiles.Read("docs/sysfs.md").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))];

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
        DeviceAttributes.All.Concat(ResetAttributes.All).Concat(BridgeAttributes.All).Concat(LinkAttributes.All).Concat(SriovAttributes.All)
            .Select(attribute => attribute.Name)
            .Where(name => !SourceFiles.Read("docs/sysfs.md").Contains($"`{name}`", StringComparison.Ordinal))
            .Should().BeEmpty();
}
