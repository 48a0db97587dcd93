namespace VfioPm.Tests;

/// <summary>A guest with several devices, and several guests on a host.</summary>
public sealed class GuestDevicesTests
{
    [Fact]
    public void Each_device_of_a_guest_sleeps_when_its_own_driver_goes_idle()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        PciDevice disk = host.AddEndpoint("0000:00:04.0", DeviceImages.Nvme);
        using LinuxGuest guest = host.Boot(host.VfioPci.Bind(nic).Open(), vmm => vmm.WithPowerResource());
        guest.Add(host.VfioPci.Bind(disk).Open());

        guest["0000:01:00.0"].Driver.GoIdle();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Cold);
        disk.Should().BeIn(PowerState.D0);

        guest["0000:00:04.0"].Driver.GoIdle();
        guest["0000:01:00.0"].Driver.Use();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D0);
        disk.Should().BeIn(PowerState.D3Hot);
    }

    [Fact]
    public void The_only_device_needs_no_name_and_one_of_several_does()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12);
        machine.Guest.Device.Should().BeSameAs(machine.Guest["0000:01:00.0"]);
        PciDevice disk = machine.Host.AddEndpoint("0000:00:04.0", DeviceImages.Nvme);

        GuestDevice added = machine.Guest.Add(machine.Host.VfioPci.Bind(disk).Open());

        machine.Guest["0000:00:04.0"].Should().BeSameAs(added);
        machine.Guest.Devices.Should().HaveCount(2);
        machine.Guest.Invoking(guest => guest.Driver).Should().Throw<InvalidOperationException>()
            .WithMessage("guest has 2 devices; name one by its address on the host: guest[\"0000:01:00.0\"].");
        machine.Guest.Invoking(guest => guest["0000:07:00.0"]).Should().Throw<KeyNotFoundException>()
            .WithMessage("guest has no device of the host's function at 0000:07:00.0.");
    }

    [Fact]
    public void A_guest_takes_only_open_devices_of_its_own_host_and_each_once()
    {
        using GuestMachine machine = new(KernelProfile.Linux6_12);
        using GuestMachine other = new(KernelProfile.Linux6_12);

        machine.Guest.Invoking(guest => guest.Add(machine.File)).Should().Throw<ArgumentException>()
            .WithMessage("guest has 0000:01:00.0 already.*");
        machine.Guest.Invoking(guest => guest.Add(other.File)).Should().Throw<ArgumentException>()
            .WithMessage("0000:01:00.0 belongs to another host.*");
        machine.Guest.Dispose();
        machine.Host.Invoking(host => host.Boot(machine.File)).Should().Throw<ObjectDisposedException>();
        machine.Host.Guests.Should().HaveCount(1, "the second did not start");
    }

    [Fact]
    public void Two_guests_sleep_apart_and_the_port_above_both_when_both_do()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice first = port.AddEndpoint("0000:01:00.0");
        PciDevice second = port.AddEndpoint("0000:01:00.1");
        using LinuxGuest one = host.Boot(host.VfioPci.Bind(first).Open(), vmm => vmm.WithPowerResource());
        using LinuxGuest two = host.Boot(host.VfioPci.Bind(second).Open(), vmm => vmm.WithPowerResource());

        one.Driver.GoIdle();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        first.Should().BeIn(PowerState.D3Hot);
        port.Should().BeIn(PowerState.D0);

        two.Driver.GoIdle();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);
        host.Guests.Should().Equal(one, two);
        two.Device.Name.Should().Be("guest2 0000:01:00.1");
    }
}
