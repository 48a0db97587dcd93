namespace VfioPm.Tests;

// vfio_pci_ioctl_ioeventfd(), vfio_pci_ioeventfd(), vfio_pci_ioeventfd_handler(); recording "ioeventfd".
public sealed class IoEventFdTests
{
    private const int Memory = OpenedDevice.MemoryBar;
    private const int Ports = OpenedDevice.IoBar;
    private const int MsiX = 3;
    private const long Register = OpenedDevice.VlanType;

    private readonly EventFd _signal = new();

    [Fact]
    public void A_signal_writes_and_is_read()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);
        device.File.SetIoEventFd(Request(data: 0x1_1234)).Should().Be(KernelResult.Success);
        ReadRegister(device).Should().NotBe(0x1234);

        _signal.Signal();

        ReadRegister(device).Should().Be(0x1234, "two bytes are written");
        _signal.Count.Should().Be(0);
    }

    [Fact]
    public void What_was_signalled_before_counts_too_and_is_not_read()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);
        _signal.Signal();

        device.File.SetIoEventFd(Request());

        ReadRegister(device).Should().Be(0x1234);
        _signal.Count.Should().Be(1);
    }

    [Fact]
    public void A_write_has_one_signal()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);
        device.File.SetIoEventFd(Request());

        device.File.SetIoEventFd(Request() with { EventFd = new EventFd() }).Errno.Should().Be(Errno.EEXIST);
        device.File.SetIoEventFd(Request(data: 1)).Should().Be(KernelResult.Success, "it is another write");
        device.File.SetIoEventFd(Request() with { EventFd = FileDescriptor.None }).Should().Be(KernelResult.Success);
        device.File.SetIoEventFd(Request() with { EventFd = FileDescriptor.None }).Errno.Should().Be(Errno.ENODEV);

        _signal.Signal();
        ReadRegister(device).Should().Be(1, "the other write is left");
    }

    [Fact]
    public void Without_memory_enable_the_write_is_lost_and_ports_are_written_all_the_same()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1, setup: _ => { });
        EventFd ports = new();
        device.File.SetIoEventFd(Request());
        device.File.SetIoEventFd(new VfioIoEventFd(Ports, 0, 4, 0x5678, ports));
        device.SetCommand(PciRegisters.CommandIo);

        _signal.Signal();
        ports.Signal();

        _signal.Count.Should().Be(0, "the kernel has read it");
        device.Function.Hardware.ReadBar(Ports, 0, 4).Should().Be(0x5678);
        device.SetCommand(PciRegisters.CommandIo | PciRegisters.CommandMemory);
        ReadRegister(device).Should().Be(0);
    }

    [Theory]
    [InlineData("pre-rfc", 0x1234)]
    [InlineData("linux-6.1", 0)]
    public void Since_the_fence_nothing_is_written_in_D3hot_even_where_the_function_would_take_it(
        string profile, ulong written)
    {
        OpenedDevice device = new(
            KernelProfile.Parse(profile), adapter => adapter.WithBehavior(HardwareBehavior.Emulator));
        device.File.SetIoEventFd(Request());
        device.File.Config.WritePmcsrState(PowerState.D3Hot);

        _signal.Signal();

        ReadRegister(device).Should().Be(written);
    }

    [Fact]
    public void It_wakes_nobody_and_to_a_function_in_low_power_it_is_lost()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1, setup: _ => { });
        device.File.SetIoEventFd(Request());
        device.File.EnterLowPower();
        device.Host.Clock.Advance(TimeSpan.FromSeconds(2));
        device.Function.Should().BeIn(PowerState.D3Cold);

        _signal.Signal();

        device.Function.Should().BeIn(PowerState.D3Cold);
        device.File.ExitLowPower();
        ReadRegister(device).Should().Be(0);
    }

    [Fact]
    public void Closing_the_device_ends_it_and_closing_the_eventfd_only_its_signals()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);
        device.File.SetIoEventFd(Request());
        _signal.Close();
        device.File.SetIoEventFd(Request() with { EventFd = new EventFd() }).Errno.Should().Be(Errno.EEXIST);

        EventFd other = new();
        device.File.SetIoEventFd(Request(data: 7) with { EventFd = other });
        device.File.Close();
        other.Signal();
        other.Count.Should().Be(1, "nobody listens");

        using VfioDeviceFile again = device.File.Device.Open();
        again.SetIoEventFd(Request() with { EventFd = FileDescriptor.None }).Errno.Should().Be(Errno.ENODEV);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);

        foreach (uint flags in (uint[])[0, 3, 6, 0x10, 0x14])
        {
            device.File.SetIoEventFd(Request() with { Flags = flags }).Errno.Should().Be(Errno.EINVAL);
        }

        device.File.SetIoEventFd(Request() with { ArgumentSize = VfioIoEventFd.LeastArgumentSize - 1 })
            .Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Only_what_is_all_in_a_BAR_and_not_the_MsiX_table_can_be_written()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);
        (int Region, long Offset)[] outside =
            [(Memory, 0x1_fffe), (VfioRegion.Rom, 0), (VfioRegion.Configuration, 0), (5, 0), (MsiX, 0), (MsiX, 0x4e)];

        foreach ((int region, long offset) in outside)
        {
            device.File.SetIoEventFd(new VfioIoEventFd(region, offset, 4, 0, _signal)).Errno.Should().Be(Errno.EINVAL);
        }

        device.File.SetIoEventFd(new VfioIoEventFd(MsiX, 0x50, 4, 0, _signal)).Should().Be(KernelResult.Success);
        device.File.SetIoEventFd(new VfioIoEventFd(Memory, 0x1_fffc, 4, 0, _signal)).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void Any_width_and_any_offset_will_do()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1, setup: _ => { });
        device.File.SetIoEventFd(new VfioIoEventFd(Memory, 0x101, 8, 0x1122_3344_5566_7788, _signal));
        device.File.SetIoEventFd(new VfioIoEventFd(Memory, 0x10a, 1, 0x99, _signal));

        _signal.Signal();

        device.Function.Hardware.ReadBar(Memory, 0x101, 8).Should().Be(0x1122_3344_5566_7788);
        device.Function.Hardware.ReadBar(Memory, 0x10a, 1).Should().Be(0x99, "one signal does all its writes");
    }

    [Fact]
    public void There_are_a_thousand_at_most()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);
        for (ulong data = 0; data < 1000; data++)
        {
            device.File.SetIoEventFd(Request(data)).Should().Be(KernelResult.Success);
        }

        device.File.SetIoEventFd(Request(1000)).Errno.Should().Be(Errno.ENOSPC);
    }

    [Fact]
    public void A_descriptor_must_be_an_open_eventfd()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);

        device.File.SetIoEventFd(Request() with { EventFd = FileDescriptor.Closed }).Errno.Should().Be(Errno.EBADF);
        device.File.SetIoEventFd(Request() with { EventFd = FileDescriptor.OtherFile }).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void A_fork_s_signals_write_to_the_fork()
    {
        OpenedDevice device = new(KernelProfile.Linux6_1);
        device.File.SetIoEventFd(Request());
        ulong before = ReadRegister(device);
        ForkContext context = new();
        SimulatedHost fork = context.Of(device.Host);
        fork.ComputeStateHash().Should().Be(device.Host.ComputeStateHash());

        context.Of(_signal).Signal();

        ReadRegister(device).Should().Be(before);
        fork["0000:01:00.0"].Hardware.ReadBar(Memory, Register, 2).Should().Be(0x1234);
    }

    private static ulong ReadRegister(OpenedDevice device) => device.Function.Hardware.ReadBar(Memory, Register, 2);

    private VfioIoEventFd Request(ulong data = 0x1234) => new(Memory, Register, 2, data, _signal);
}
