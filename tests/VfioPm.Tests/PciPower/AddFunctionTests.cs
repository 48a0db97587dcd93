namespace VfioPm.Tests;

/// <summary>Functions that cannot be added: nothing is left of them.</summary>
public sealed class AddFunctionTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1, new VfioModuleParameters { EnableSriov = true });
    private readonly PciDevice _port;

    public AddFunctionTests() => _port = _host.AddRootPort("0000:00:03.0");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_setup_or_registers_that_throw_leave_no_ghost()
    {
        ulong before = _host.ComputeStateHash();

        _port.Invoking(port => port.AddEndpoint("0000:01:00.0", setup: _ => throw new TrapException()))
            .Should().Throw<TrapException>();
        _port.Invoking(port => port.AddEndpoint("0000:01:00.0", setup: setup => setup.WithRegisters(new Unconnectable())))
            .Should().Throw<TrapException>();

        _host.Devices.Should().ContainSingle();
        _port.Hardware.Downstream.Should().BeEmpty();
        _host.ComputeStateHash().Should().Be(before);
        _port.AddEndpoint("0000:01:00.0").Name.Should().Be("0000:01:00.0");
    }

    [Fact]
    public void A_setup_that_adds_a_function_at_the_same_address_comes_first()
    {
        FluentActions.Invoking(() => _port.AddEndpoint("0000:01:00.0", setup: _ => _port.AddEndpoint("0000:01:00.0")))
            .Should().Throw<ArgumentException>().WithMessage("There is a function at 0000:01:00.0 already.*");

        _host.Devices.Select(device => device.Name).Should().Equal("0000:00:03.0", "0000:01:00.0");
        _port.Hardware.Downstream.Should().ContainSingle();
    }

    [Fact]
    public void Virtual_functions_do_not_come_where_another_function_is()
    {
        PciDevice drive = _port.AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme);
        _host.VfioPci.Bind(drive);
        drive.Sysfs.Write("sriov_numvfs", "1").Should().Be(KernelResult.Success);
        string taken = drive.Sriov!.VirtualFunctions[0].Name;
        drive.Sysfs.Write("sriov_numvfs", "0").Should().Be(KernelResult.Success);
        _port.AddEndpoint(taken);

        drive.Sysfs.Write("sriov_numvfs", "1").Errno.Should().Be(Errno.EIO);

        _host.Devices.Should().ContainSingle(device => device.Name == taken);
        drive.Sriov.NumVfs.Should().Be(0);
    }

    [Fact]
    public void Nothing_is_asked_for_with_null()
    {
        _port.Invoking(port => port.AddEndpoint("0000:01:00.0", setup: setup => setup.WithBehavior(null!)))
            .Should().Throw<ArgumentNullException>();
        _port.RuntimePm.Invoking(device => device.Callbacks = null!).Should().Throw<ArgumentNullException>();
    }

    private sealed class Unconnectable : IDeviceRegisters
    {
        public void Connect(PciFunction owner) => throw new TrapException();

        public ulong Read(int bar, long offset, int width) => 0;

        public void Write(int bar, long offset, int width, ulong value)
        {
        }

        public void Reset(ResetKind kind)
        {
        }

        public void AddTo(ref StateHash hash)
        {
        }

        public IForkable Fork(ForkContext fork) => this;
    }
}
