namespace VfioPm.Tests;

/// <summary>Handles whose thing is gone: they say so, and change nothing.</summary>
public sealed class StaleHandleTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);
    private readonly PciDevice _nic;

    public StaleHandleTests() =>
        _nic = _host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource()).AddEndpoint("0000:01:00.0");

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_unbound_says_so_whether_or_not_it_is_bound_again(bool again)
    {
        VfioPciDevice gone = _host.VfioPci.Bind(_nic);
        gone.Unbind();
        VfioPciDevice? bound = again ? _host.VfioPci.Bind(_nic) : null;
        _host.Clock.Advance(TimeSpan.FromSeconds(3));
        ulong before = _host.ComputeStateHash();

        foreach (Action use in new Action[]
        {
            gone.Unbind,
            () => gone.BeginUnbind(),
            () => gone.Open(),
            () => gone.TryLockMemory(),
            () => gone.RequestRelease(),
            () => gone.ReportError(),
        })
        {
            use.Should().Throw<InvalidOperationException>()
                .WithMessage("0000:01:00.0 was unbound from vfio-pci: bind it again*");
        }

        gone.TryOpen(out VfioDeviceFile? file).Errno.Should().Be(Errno.ENODEV);
        file.Should().BeNull();
        _host.ComputeStateHash().Should().Be(before);
        _host.VfioPci.Devices.Should().HaveCount(again ? 1 : 0);
        bound?.Open().Reset().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void What_was_closed_or_unmapped_says_so()
    {
        VfioDeviceFile file = _host.VfioPci.Bind(_nic).Open();
        VfioMapping mapping = file.Map(0, 0, 0x1000);
        mapping.Unmap();
        file.Close();
        ulong before = _host.ComputeStateHash();

        foreach (Action use in new Action[]
        {
            () => file.Read(0, 0, new byte[4]),
            () => file.Write(0, 0, new byte[4]),
            () => file.BeginRead(0, 0, new UserMemory(4)),
            () => file.Config.Read(0, 2),
            () => file.Reset(),
            () => file.BeginReset(),
            () => file.Map(0, 0, 0x1000),
            () => file.EnterLowPower(),
            () => _host.Boot(file),
        })
        {
            use.Should().Throw<ObjectDisposedException>().WithMessage("0000:01:00.0 was closed.*");
        }

        mapping.Invoking(one => one.Read(0, 4)).Should().Throw<ObjectDisposedException>()
            .WithMessage("BAR 0 of 0000:01:00.0 was unmapped.*");
        file.Close();
        mapping.Unmap();
        _host.ComputeStateHash().Should().Be(before);
    }

    [Fact]
    public void A_guest_whose_file_somebody_closed_reads_ones_and_can_be_shut_down()
    {
        VfioDeviceFile file = _host.VfioPci.Bind(_nic).Open();
        LinuxGuest guest = _host.Boot(file, vmm => vmm.WithWakeup());
        _host.Clock.Advance(TimeSpan.FromSeconds(1));

        file.Close();

        guest.Driver.GoIdle();
        _host.Clock.Advance(TimeSpan.FromSeconds(5));
        guest.Driver.Use();
        foreach (Action restart in new Action[] { guest.Reset, guest.Reboot })
        {
            restart.Should().Throw<InvalidOperationException>()
                .WithMessage("Somebody closed the file of 0000:01:00.0 under guest: shut it down*");
        }

        guest.IsRunning.Should().BeTrue();
        file.Device.IsOpen.Should().BeTrue("the guest has it mapped");
        guest.Shutdown();
        file.Device.IsOpen.Should().BeFalse();
        _host.VfioPci.Devices.Should().ContainSingle().Which.Open().Reset().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_guest_that_is_off_says_so()
    {
        LinuxGuest guest = _host.Boot(_host.VfioPci.Bind(_nic).Open());
        GuestDriver driver = guest.Driver;
        guest.Shutdown();
        VfioDeviceFile file = _host.VfioPci.Devices[0].Open();
        ulong before = _host.ComputeStateHash();

        foreach (Action use in new Action[]
        {
            guest.Shutdown,
            guest.Reset,
            guest.Reboot,
            () => guest.Add(file),
            () => driver.Use(),
            () => driver.BeginUse(),
            () => driver.GoIdle(),
            () => driver.ReadMemory(0, 0, 4),
            () => driver.WriteMemory(0, 0, 4, 1),
        })
        {
            use.Should().Throw<InvalidOperationException>().WithMessage("guest is off: boot another.");
        }

        guest.Dispose();
        _host.ComputeStateHash().Should().Be(before);
    }
}
