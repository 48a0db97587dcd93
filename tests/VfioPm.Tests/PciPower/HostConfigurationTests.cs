namespace VfioPm.Tests;

/// <summary>The file <c>config</c> in sysfs: bytes, read and written as widely as they are aligned (<c>pci_read_config()</c>, <c>pci_write_config()</c>).</summary>
public sealed class HostConfigurationTests : IDisposable
{
    private const int Scratch = 0x40;
    private const int ScratchSize = 0x10;

    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);
    private readonly PciDevice _card;

    public HostConfigurationTests()
    {
        DeviceImage image = DeviceImages.E1000E;
        for (int offset = Scratch; offset < Scratch + ScratchSize; offset += 4)
        {
            image = image.WithWritableBits(offset, 4, uint.MaxValue);
        }

        _card = _host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", image);
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void pci_read_config_gives_the_bytes_wherever_it_begins_and_ends()
    {
        for (int i = 0; i < ScratchSize; i++)
        {
            _card.Hardware.WriteConfig(Scratch + i, 1, (uint)(0xa0 + i));
        }

        for (int begin = 0; begin < 4; begin++)
        {
            for (int length = 0; length < 12; length++)
            {
                byte[] bytes = new byte[length];
                _card.HostConfig.Read(Scratch + begin, bytes).Should().Be(new KernelResult(length));
                bytes.Should().Equal(Enumerable.Range(begin, length).Select(static i => (byte)(0xa0 + i)));
            }
        }
    }

    [Fact]
    public void pci_write_config_writes_the_bytes_and_none_beside_them()
    {
        for (int begin = 0; begin < 4; begin++)
        {
            for (int length = 0; length < 10; length++)
            {
                _card.HostConfig.Write(Scratch, new byte[ScratchSize]);

                _card.HostConfig.Write(Scratch + begin, [.. Enumerable.Range(1, length).Select(static i => (byte)i)]).Should().Be(new KernelResult(length));

                Enumerable.Range(0, ScratchSize).Select(i => (int)_card.Hardware.ReadConfig(Scratch + i, 1)).Should().Equal(
                    Enumerable.Range(0, ScratchSize).Select(i => i >= begin && i < begin + length ? i - begin + 1 : 0));
            }
        }
    }

    [Fact]
    public void At_the_end_of_the_space_there_are_fewer_bytes()
    {
        int end = _card.Hardware.Configuration.Size;
        byte[] bytes = new byte[4];

        _card.HostConfig.Read(end - 3, bytes).Should().Be(new KernelResult(3));
        _card.HostConfig.Write(end - 3, bytes).Should().Be(new KernelResult(3));
        _card.HostConfig.Read(end, bytes).Should().Be(new KernelResult(0));
        _card.HostConfig.Write(end + 4, bytes).Should().Be(new KernelResult(0));
    }

    [Fact]
    public void An_offset_before_the_space_is_refused()
    {
        UserMemory memory = new(4);
        _card.HostConfig.Invoking(static config => config.Read(-1, new byte[4])).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("offset");
        _card.HostConfig.Invoking(static config => config.Write(-1, new byte[4])).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("offset");
        _card.HostConfig.Invoking(config => config.BeginRead(-1, memory)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("offset");
        _card.HostConfig.Invoking(config => config.BeginWrite(-1, memory)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("offset");
    }

    // pci_config_pm_runtime_put().
    [Fact]
    public void Who_was_woken_for_a_register_sleeps_again()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddRootPort("0000:00:03.0", static port => port.WithPowerResource()).AddEndpoint("0000:01:00.0");
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Cold);
        host.Trace.Clear();

        nic.Sysfs.Read("current_link_speed").Text.Should().Be("2.5 GT/s PCIe");
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        nic.UsageCount.Should().Be(0);
        nic.Should().BeIn(PowerState.D3Cold);
        host.Trace.Entries.Should().Contain(static entry => entry.ToString().Contains("host reads configuration space", StringComparison.Ordinal));
    }
}
