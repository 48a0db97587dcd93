namespace VfioPm.Tests;

/// <summary>Eventfds whose signals lead back to them: over interrupts, writes that signals do, and registers.</summary>
public sealed class SignalCircleTests
{
    private const int Doorbell = 0x20;

    private static readonly VfioIrqSetFlags UnmaskOn = VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionUnmask;

    [Theory]
    [InlineData("linux-5.10")]
    [InlineData("rfc-v1")]
    [InlineData("linux-6.1")]
    [InlineData("linux-7.3")]
    public void An_interrupt_whose_signal_unmasks_it_is_told_and_not_a_stack_overflow(string profile)
    {
        using OpenNic nic = new(KernelProfile.Parse(profile));
        var both = new EventFd();
        nic.File.EnableIrqs(VfioIrqIndex.Intx, both).Should().Be(KernelResult.Success);
        nic.File.SetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, UnmaskOn) { EventFds = [both] }).Should().Be(KernelResult.Success);

        FluentActions.Invoking(nic.Nic.Hardware.AssertInterrupt).Should().Throw<InvalidOperationException>()
            .WithMessage("An eventfd's signal sets off another without end*");

        nic.Nic.Hardware.DeassertInterrupt();
        nic.File.DisableIrqs(VfioIrqIndex.Intx).Should().Be(KernelResult.Success);
        nic.File.Reset().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void In_the_middle_of_a_call_it_comes_out_at_the_end()
    {
        using OpenNic nic = new(KernelProfile.Linux6_1);
        var both = new EventFd();
        nic.File.EnableIrqs(VfioIrqIndex.Intx, both);
        nic.Nic.Hardware.AssertInterrupt();

        FluentActions.Invoking(() => nic.File.SetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, UnmaskOn) { EventFds = [both] }))
            .Should().Throw<InvalidOperationException>().WithMessage("*without end*");

        nic.File.Device.Should().NotBeNull();
        nic.Host.Kernel.Threads.Should().BeEmpty();
        nic.Nic.Hardware.DeassertInterrupt();
        nic.File.DisableIrqs(VfioIrqIndex.Intx).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_signal_that_writes_to_a_doorbell_that_interrupts_with_it_is_told()
    {
        var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice first = Add(host, "0000:00:03.0");
        PciDevice second = Add(host, "0000:00:04.0");
        VfioDeviceFile one = Open(host, first);
        VfioDeviceFile other = Open(host, second);
        var there = new EventFd();
        var back = new EventFd();
        one.EnableIrqs(VfioIrqIndex.MsiX, back).Should().Be(KernelResult.Success);
        other.EnableIrqs(VfioIrqIndex.MsiX, there).Should().Be(KernelResult.Success);
        one.SetIoEventFd(new VfioIoEventFd(0, Doorbell, 4, 1, there)).Should().Be(KernelResult.Success);

        there.Signal();
        back.Read(out ulong rung).Should().Be(new KernelResult(8));
        rung.Should().Be(1, "the first device's doorbell rang");

        other.SetIoEventFd(new VfioIoEventFd(0, Doorbell, 4, 1, back)).Should().Be(KernelResult.Success);
        FluentActions.Invoking(() => there.Signal()).Should().Throw<InvalidOperationException>().WithMessage("*without end*");
        other.SetIoEventFd(new VfioIoEventFd(0, Doorbell, 4, 1, FileDescriptor.None)).Should().Be(KernelResult.Success);
        there.Signal();
        one.Reset().Should().Be(KernelResult.Success);
    }

    private static PciDevice Add(SimulatedHost host, string address) =>
        host.AddEndpoint(address, setup: setup => setup.WithRegisters(new Ringing()));

    private static VfioDeviceFile Open(SimulatedHost host, PciDevice device)
    {
        VfioDeviceFile file = host.VfioPci.Bind(device).Open();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandMaster);
        return file;
    }

    /// <summary>Memory with a doorbell that sends the first message.</summary>
    private sealed class Ringing : IDeviceRegisters
    {
        private readonly RamRegisters _memory = new();
        private PciFunction? _owner;

        public void Connect(PciFunction owner) => _owner = owner;

        public ulong Read(int bar, long offset, int width) => _memory.Read(bar, offset, width);

        public void Write(int bar, long offset, int width, ulong value)
        {
            _memory.Write(bar, offset, width, value);
            if (bar == 0 && offset == Doorbell)
            {
                _owner!.SendMessage(0).Should().BeTrue();
            }
        }

        public void Reset(ResetKind kind) => _memory.Reset(kind);

        public void AddTo(ref StateHash hash) => _memory.AddTo(ref hash);

        public IForkable Fork(ForkContext fork) => throw new NotSupportedException();
    }
}
