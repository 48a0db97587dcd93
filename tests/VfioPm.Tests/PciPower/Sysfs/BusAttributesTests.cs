namespace VfioPm.Tests;

/// <summary>What a driver is said to be for (<c>new_id_store()</c>, <c>remove_id_store()</c>), and what is not there under <c>/sys/bus/pci</c>.</summary>
public sealed class BusAttributesTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);

    public BusAttributesTests() => _host.Drivers.Register(new ScriptedDriver());

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("8086 10d3")]
    [InlineData("8086 10d3 8086 a01f")]
    [InlineData("8086 10d3 ffffffff ffffffff 20000 ffffff")]
    public void remove_id_store_takes_back_what_new_id_store_was_told(string id)
    {
        Write("new_id", id).Should().Succeed();

        Write("remove_id", id).Should().Succeed();

        Write("remove_id", id).Should().FailWith(Errno.ENODEV, "there is none any more");
    }

    [Theory]
    [InlineData("8087 10d3")]
    [InlineData("8086 10d4")]
    [InlineData("8086 10d3 8087")]
    [InlineData("8086 10d3 8086 a020")]
    [InlineData("8086 10d3 8086 a01f 30000 ffffff")]
    public void remove_id_store_leaves_what_differs_in_anything_that_it_is_told(string other)
    {
        Write("new_id", "8086 10d3 8086 a01f 20000 ffffff").Should().Succeed();

        Write("remove_id", other).Should().FailWith(Errno.ENODEV);

        Write("remove_id", "8086 10d3 8086 a01f 20000 ffffff").Should().Succeed();
    }

    [Theory]
    [InlineData("remove_id")]
    [InlineData("new_id")]
    public void A_vendor_alone_is_no_function(string attribute) => Write(attribute, "8086").Should().FailWith(Errno.EINVAL);

    [Fact]
    public void new_id_store_looks_whether_it_knows_the_function_unless_the_drivers_data_are_said_too()
    {
        Write("new_id", "8086 10d3").Should().Succeed();

        Write("new_id", "8086 10d3").Should().FailWith(Errno.EEXIST);
        Write("new_id", "8086 10d3 ffffffff ffffffff 0 0 1").Should().Succeed();
    }

    [Theory]
    [InlineData("drivers/nic/colour")]
    [InlineData("drivers/none/new_id")]
    [InlineData("drivers/nic")]
    [InlineData("colour")]
    public void What_is_not_there_can_be_neither_read_nor_written(string attribute)
    {
        _host.Topology.Sysfs.Read(attribute).Error.Should().Be(Errno.ENOENT);
        _host.Topology.Sysfs.Write(attribute, "1").Should().FailWith(Errno.ENOENT);
    }

    [Theory]
    [InlineData("drivers_probe")]
    [InlineData("rescan")]
    [InlineData("drivers/nic/bind")]
    [InlineData("drivers/nic/unbind")]
    [InlineData("drivers/nic/new_id")]
    [InlineData("drivers/nic/remove_id")]
    public void What_can_be_written_cannot_be_read(string attribute) =>
        _host.Topology.Sysfs.Read(attribute).Error.Should().Be(Errno.EACCES);

    private KernelResult Write(string attribute, string value) => _host.Topology.Sysfs.Write($"drivers/nic/{attribute}", value);
}
