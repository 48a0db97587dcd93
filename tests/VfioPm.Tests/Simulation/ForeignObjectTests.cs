namespace VfioPm.Tests;

/// <summary>Objects of another host: they are refused, and nothing changes.</summary>
public sealed class ForeignObjectTests : IDisposable
{
    private readonly SimulatedHost _host = Make();
    private readonly SimulatedHost _other = Make();

    public void Dispose()
    {
        _host.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void A_supplier()
    {
        RuntimePmDevice nic = _host["0000:01:00.0"].RuntimePm;

        nic.Invoking(device => device.AddSupplier(_other["0000:01:00.0"].RuntimePm)).Should().Throw<ArgumentException>()
            .WithMessage("0000:01:00.0 belongs to another subsystem.*");

        nic.Suppliers.Should().BeEmpty();
    }

    [Fact]
    public void A_power_resource()
    {
        PowerResource foreign = _other["0000:00:03.0"].Platform!.Resources.Should().ContainSingle().Subject;

        FluentActions.Invoking(() => _host.AddEndpoint("0000:00:05.0", setup: setup => setup.WithPowerResource(foreign)))
            .Should().Throw<ArgumentException>().WithMessage("* belongs to another host.*");

        _host.Devices.Should().HaveCount(2);
        foreign.Fed.Should().ContainSingle();
    }

    [Fact]
    public void An_eventfd_for_interrupts_writes_or_wakeups()
    {
        var shared = new EventFd();
        File(_host).EnableIrqs(VfioIrqIndex.MsiX, shared).Should().Be(KernelResult.Success);
        VfioDeviceFile file = File(_other);
        ulong before = _other.ComputeStateHash();

        foreach (Action use in new Action[]
        {
            () => file.EnableIrqs(VfioIrqIndex.MsiX, new EventFd(), shared),
            () => file.BeginSetIrqs(new VfioIrqSet(
                VfioIrqIndex.Req, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionTrigger) { EventFds = [shared] }),
            () => file.SetIoEventFd(new VfioIoEventFd(0, 0, 4, 1, shared)),
            () => file.EnterLowPower(shared),
            () => file.BeginEnterLowPower(shared),
            () => _other.VfioPci.Descriptors.Install(shared),
        })
        {
            use.Should().Throw<ArgumentException>().WithMessage("The eventfd belongs to another host.*");
        }

        _other.ComputeStateHash().Should().Be(before);
    }

    [Fact]
    public void The_fork_s_eventfd_is_the_fork_s_and_not_the_original_s()
    {
        var eventFd = new EventFd();
        File(_host).EnableIrqs(VfioIrqIndex.Req, eventFd).Should().Be(KernelResult.Success);
        ForkContext context = new();
        using SimulatedHost fork = context.Of(_host);

        File(fork).EnableIrqs(VfioIrqIndex.Req, context.Of(eventFd)).Should().Be(KernelResult.Success);
        FluentActions.Invoking(() => File(fork).EnableIrqs(VfioIrqIndex.Req, eventFd)).Should().Throw<ArgumentException>();
    }

    private static VfioDeviceFile File(SimulatedHost host) => host.VfioPci.Devices[0].Files[0];

    private static SimulatedHost Make()
    {
        var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0")).Open();
        return host;
    }
}
