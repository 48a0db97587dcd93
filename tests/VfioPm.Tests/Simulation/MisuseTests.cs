namespace VfioPm.Tests;

/// <summary>What a test is told that asks for something that cannot be.</summary>
public sealed class MisuseTests : IDisposable
{
    private readonly SimulatedHost _host = new();
    private readonly PciDevice _port;
    private readonly PciDevice _nic;

    public MisuseTests()
    {
        _port = _host.AddRootPort("0000:00:03.0");
        _nic = _port.AddEndpoint("0000:01:00.0");
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_function_that_is_not_there() => Message(() => _ = _host["0000:07:00.0"])
        .Should().Be("The host has no function at 0000:07:00.0, but 0000:00:03.0, 0000:01:00.0.");

    [Fact]
    public void A_function_that_nobody_bound()
    {
        Message(() => _ = _host.VfioPci["0000:01:00.0"])
            .Should().Be("vfio-pci does not have 0000:01:00.0: bind it first.");

        VfioPciDevice bound = _host.VfioPci.Bind(_nic);
        _host.VfioPci["01:00.0"].Should().BeSameAs(bound);
        _host.Fork().VfioPci["01:00.0"].Pci.Name.Should().Be("0000:01:00.0");
    }

    [Fact]
    public void Binding_what_has_a_driver_or_can_have_none()
    {
        _host.VfioPci.Bind(_nic);

        Message(() => _host.VfioPci.Bind(_nic))
            .Should().Be("vfio-pci does not bind 0000:01:00.0: -EBUSY, since vfio-pci has it.");
        Message(() => _host.VfioPci.Bind(_port))
            .Should().Be("vfio-pci does not bind 0000:00:03.0: -EBUSY, since pcieport has it.");
    }

    [Fact]
    public void A_function_of_another_host()
    {
        const string Expected = "0000:01:00.0 belongs to another host.*";
        using SimulatedHost other = _host.Fork();

        Argument(() => other.VfioPci.Bind(_nic)).Should().Match(Expected);
        Argument(() => other.VfioPci.TryBind(_nic)).Should().Match(Expected);
        Argument(() => other.Boot(_host.VfioPci.Bind(_nic).Open())).Should().Match(Expected);
        other.VfioPci.Devices.Should().BeEmpty();

        other.VfioPci.TryBind(other["0000:01:00.0"]).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void What_belongs_to_a_host_is_at_the_same_place_in_its_fork()
    {
        VfioDeviceFile file = _host.VfioPci.Bind(_nic).Open();
        LinuxGuest guest = _host.Boot(file);
        var eventFd = new EventFd();

        var fork = new ForkContext();
        SimulatedHost copy = fork.Of(_host);

        copy["0000:01:00.0"].Should().BeSameAs(fork.Of(_nic)).And.NotBeSameAs(_nic);
        copy.VfioPci["0000:01:00.0"].Files[0].Should().BeSameAs(fork.Of(file)).And.NotBeSameAs(file);
        copy.Guests[0].Should().BeSameAs(fork.Of(guest)).And.NotBeSameAs(guest);
        copy.Guests[0]["0000:01:00.0"].Should().BeSameAs(fork.Of(guest.Device)).And.NotBeSameAs(guest.Device);
        fork.Of(eventFd).Should().NotBeSameAs(eventFd);
    }

    [Fact]
    public void Low_power_of_a_kernel_that_has_none()
    {
        VfioDeviceFile file = _host.VfioPci.Bind(_nic).Open();
        _host.Trace.Clear();

        file.EnterLowPower().Should().Be((KernelResult)Errno.ENOTTY);
        file.ExitLowPower().Should().Be((KernelResult)Errno.ENOTTY);

        _host.Trace.Entries.Where(entry => entry.Kind == TraceKind.Operation).Select(entry => entry.What).Should().Equal(
            "user asks to permit low power", "user asks to end low power");
    }

    [Fact]
    public void Something_below_an_endpoint()
    {
        const string Expected = "0000:01:00.0 is no bridge: nothing can be below it.";

        Message(() => _nic.AddEndpoint("0000:02:00.0")).Should().Be(Expected);
        Message(() => _nic.AddUpstreamPort("0000:02:00.0")).Should().Be(Expected);
        Message(() => _nic.AddDownstreamPort("0000:02:00.0")).Should().Be(Expected);
    }

    [Fact]
    public void Two_buses_right_below_one_bridge()
    {
        Argument(() => _port.AddEndpoint("0000:07:00.0")).Should().StartWith(
            "0000:07:00.0 cannot be right below 0000:00:03.0: 0000:01:00.0 is, on another bus.");
        Argument(() => _port.AddUpstreamPort("0000:02:00.0")).Should().StartWith(
            "0000:02:00.0 cannot be right below 0000:00:03.0: 0000:01:00.0 is, on another bus.");

        _port.AddEndpoint("0000:01:1f.7").Upstream.Should().Be(_port);
    }

    [Fact]
    public void A_bus_that_is_somewhere_else()
    {
        Argument(() => _port.AddEndpoint("0000:00:09.0")).Should().StartWith(
            "0000:00:09.0 cannot be right below 0000:00:03.0: 0000:00:03.0 is on that bus, a root bus.");
        Argument(() => _host.AddEndpoint("0000:01:00.2")).Should().StartWith(
            "0000:01:00.2 cannot be on a root bus: 0000:01:00.0 is on that bus, right below 0000:00:03.0.");
        Argument(() => _host.AddRootPort("0000:01:01.0")).Should().StartWith(
            "0000:01:01.0 cannot be on a root bus: 0000:01:00.0 is on that bus, right below 0000:00:03.0.");

        PciDevice second = _host.AddRootPort("0000:00:04.0");
        Argument(() => second.AddEndpoint("0000:01:00.1")).Should().StartWith(
            "0000:01:00.1 cannot be right below 0000:00:04.0: 0000:01:00.0 is on that bus, right below 0000:00:03.0.");
        PciDevice upstream = second.AddUpstreamPort("0000:02:00.0");
        Argument(() => upstream.AddDownstreamPort("0000:02:01.0")).Should().StartWith(
            "0000:02:01.0 cannot be right below 0000:02:00.0: 0000:02:00.0 is on that bus, right below 0000:00:04.0.");
        _host.Devices.Should().HaveCount(4);
    }

    [Fact]
    public void A_function_in_another_domain_than_its_bridge()
    {
        Argument(() => _host.AddRootPort("0000:00:04.0").AddEndpoint("0001:02:00.0")).Should().StartWith(
            "0001:02:00.0 cannot be right below 0000:00:04.0: that is in another domain.");

        _host.AddRootPort("0001:00:03.0").AddEndpoint("0001:01:00.0").Address.Domain.Should().Be(1);
    }

    [Fact]
    public void A_function_below_a_bridge_of_another_host()
    {
        using var other = new SimulatedHost();

        Argument(() => other.Topology.AddEndpoint("0000:01:00.1", image: null, _port)).Should().StartWith(
            "0000:00:03.0 belongs to another host.");
        Message(() => _host.Topology.AddEndpoint("0000:02:00.0", image: null, _nic)).Should().Be(
            "0000:01:00.0 is no bridge: nothing can be below it.");
    }

    [Fact]
    public void A_copy_or_the_hash_of_a_host_that_is_in_a_callback()
    {
        List<string> messages = [];
        RuntimePmDevice camera = _host.RuntimePm.AddActive("camera", callbacks: new DriverCallbacks
        {
            Suspend = _ =>
            {
                messages.Add(Message(() => _host.Fork()));
                messages.Add(Message(() => _host.ComputeStateHash()));
                return 0;
            },
        });

        camera.Suspend().Should().Be(KernelResult.Success);

        messages.Should().Equal(
            "A host cannot be forked from inside a call that it is carrying out.",
            "A host has no state to hash inside a call that it is carrying out.");
    }

    [Fact]
    public void Two_functions_at_one_address() => Message(() => _port.AddEndpoint("01:00.0"))
        .Should().StartWith("There is a function at 0000:01:00.0 already.");

    [Fact]
    public void An_address_that_is_none() => Message(() => _port.AddEndpoint("1:0.0"))
        .Should().Be("'1:0.0' is not a PCI address such as 0000:01:00.0.");

    private static string Argument(Action act) => act.Should().Throw<ArgumentException>().Which.Message;

    private static string Message(Action act) => act.Should().Throw<Exception>().Which.Message;
}
