namespace VfioPm.Tests;

/// <summary>Which of the functions that the administrator gave a driver are taken back (<c>remove_id_store()</c>).</summary>
public sealed class RemoveIdTests
{
    // What is not said is any; -1 says so. Of the class those bits count that the mask of who takes back has.
    [Theory]
    [InlineData("8086 1234", "8086 1234", true)]
    [InlineData("8086 1234", "8086 1235", false)]
    [InlineData("8086 1234", "8087 1234", false)]
    [InlineData("8086 1234 1af4 1100", "8086 1234", true)]
    [InlineData("8086 1234 1af4 1100", "8086 1234 1af4", true)]
    [InlineData("8086 1234 1af4 1100", "8086 1234 1af5", false)]
    [InlineData("8086 1234 1af4 1100", "8086 1234 1af4 1101", false)]
    [InlineData("8086 1234 1af4 1100", "8086 1234 1af4 1100", true)]
    [InlineData("8086 1234 1af4 1100", "8086 1234 ffffffff 1100", true)]
    [InlineData("8086 1234", "8086 1234 ffffffff ffffffff", true)]
    [InlineData("8086 1234 ffffffff ffffffff", "8086 1234", true)]
    [InlineData("8086 1234", "8086 1234 1af4", false)]
    [InlineData("8086 1234 ffffffff ffffffff 20000 ffff00", "8086 1234 ffffffff ffffffff 20042 ffff00", true)]
    [InlineData("8086 1234 ffffffff ffffffff 20000 ffff00", "8086 1234 ffffffff ffffffff 20042 ffffff", false)]
    [InlineData("8086 1234 ffffffff ffffffff 20000 ffff00", "8086 1234 ffffffff ffffffff 30000 0", true)]
    public void remove_id_store_takes_back_what_it_names(string given, string taken, bool isTaken)
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        PciSysfs bus = host.Topology.Sysfs;
        bus.Write("drivers/vfio-pci/new_id", given).Should().Succeed();

        KernelResult result = bus.Write("drivers/vfio-pci/remove_id", taken);

        result.Should().Be(isTaken ? KernelResult.Success : (KernelResult)Errno.ENODEV);
        bus.Write("drivers/vfio-pci/new_id", given).Should().Be(isTaken ? KernelResult.Success : (KernelResult)Errno.EEXIST);
    }

    [Fact]
    public void remove_id_store_takes_one_back_and_the_first_that_was_given()
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        PciSysfs bus = host.Topology.Sysfs;
        bus.Write("drivers/vfio-pci/new_id", "8086 10d3 1 1").Should().Succeed();
        bus.Write("drivers/vfio-pci/new_id", "8086 10d3").Should().Succeed();
        bus.Write("drivers/vfio-pci/remove_id", "8086 10d3").Should().Succeed();

        host.AddEndpoint("0000:00:05.0").Driver.Should().Be(host.VfioPci, "the other is for any");
    }

    // pci_match_one_device(): IDs, those of the subsystem, and of the class what the mask says.
    [Theory]
    [InlineData("8086 10d3 ffffffff ffffffff 20000 ffff00", true)]
    [InlineData("8086 10d3 ffffffff ffffffff 20001 ffffff", false)]
    [InlineData("8086 10d3 8086", true)]
    [InlineData("8086 10d3 8087", false)]
    [InlineData("8086 10d3 8086 0", true)]
    [InlineData("8086 10d3 8086 1", false)]
    [InlineData("ffffffff 10d3", true)]
    [InlineData("8086 ffffffff", true)]
    [InlineData("8087 10d3", false)]
    public void new_id_store_gives_a_driver_whom_the_numbers_name(string given, bool isBound)
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        host.Topology.Sysfs.Write("drivers/vfio-pci/new_id", given).Should().Succeed();

        host.AddEndpoint("0000:00:05.0").Driver.Should().Match<PciDriver?>(driver => driver != null == isBound);
    }
}
