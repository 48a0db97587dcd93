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
            .Should().Be("vfio-pci does not bind 0000:00:03.0: -EBUSY, since it is a bridge.");
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
    public void Something_below_an_endpoint()
    {
        const string Expected = "0000:01:00.0 is no bridge: nothing can be below it.";

        Message(() => _nic.AddEndpoint("0000:02:00.0")).Should().Be(Expected);
        Message(() => _nic.AddUpstreamPort("0000:02:00.0")).Should().Be(Expected);
        Message(() => _nic.AddDownstreamPort("0000:02:00.0")).Should().Be(Expected);
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
