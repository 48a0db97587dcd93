namespace VfioPm.Tests;

/// <summary>In which cycles a user's access reaches the device (<c>vfio_pci_core_do_io_rw()</c>).</summary>
public sealed class BarCycleTests
{
    [Theory]
    [InlineData("linux-5.10", "4 4")]
    [InlineData("linux-6.1", "4 4")]
    [InlineData("linux-6.12", "8")]
    [InlineData("linux-7.3", "8")]
    public void vfio_pci_core_do_io_rw_takes_eight_aligned_bytes_of_memory_in_one_cycle(string profile, string widths)
    {
        var cycles = new Cycles();
        var device = new OpenedDevice(KernelProfile.Parse(profile), setup => setup.WithRegisters(cycles));
        device.File.Read(OpenedDevice.MemoryBar, 0x10, new byte[8]).Should().Be(8);
        cycles.Take().Should().Be(widths);
        device.File.Write(OpenedDevice.MemoryBar, 0x18, new byte[8]).Should().Be(8);
        cycles.Take().Should().Be(widths);
    }

    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void vfio_pci_core_do_io_rw_takes_what_is_not_aligned_and_ports_in_smaller_ones(string profile)
    {
        var cycles = new Cycles();
        var device = new OpenedDevice(KernelProfile.Parse(profile), setup => setup.WithRegisters(cycles));
        device.File.Read(OpenedDevice.MemoryBar, 0x14, new byte[8]).Should().Be(8);
        cycles.Take().Should().Be("4 4");
        device.File.Read(OpenedDevice.MemoryBar, 0x15, new byte[8]).Should().Be(8);
        cycles.Take().Should().Be("1 2 4 1");
        device.File.Read(OpenedDevice.IoBar, 0, new byte[8]).Should().Be(8);
        cycles.Take().Should().Be("4 4");
    }

    private sealed class Cycles : IDeviceRegisters
    {
        private readonly List<int> _widths = [];

        public string Take()
        {
            string taken = string.Join(' ', _widths);
            _widths.Clear();
            return taken;
        }

        public ulong Read(int bar, long offset, int width)
        {
            _widths.Add(width);
            return 0;
        }

        public void Write(int bar, long offset, int width, ulong value) => _widths.Add(width);

        public void Reset(ResetKind kind) => _widths.Clear();

        public IForkable Fork(ForkContext fork) => this;

        public void AddTo(ref StateHash hash)
        {
        }
    }
}
