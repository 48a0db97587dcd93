namespace VfioPm.Tests;

/// <summary>Since Linux 6.5 <c>vfio_msi_set_block()</c> looks at each vector by itself, of MSI too.</summary>
public sealed class VectorByVectorTests
{
    private readonly EventFd[] _irqs = [new(), new()];

    [Theory]
    [InlineData("linux-5.10", 1)]
    [InlineData("linux-6.1", 1)]
    [InlineData("linux-6.12", 0)]
    [InlineData("linux-7.3", 0)]
    public void vfio_msi_set_block_takes_back_the_vectors_before_the_one_that_is_too_much(string profile, int signals)
    {
        using SimulatedHost host = Open(profile, out VfioDeviceFile file);
        file.EnableIrqs(VfioIrqIndex.Msi, _irqs[0], _irqs[1]).Should().Succeed();

        file.SetIrqs(Triggers(VfioIrqIndex.Msi, 1, _irqs[1], _irqs[1])).Errno.Should().Be(Errno.EINVAL, "two were enabled");

        file.TriggerIrq(VfioIrqIndex.Msi, vector: 1).Should().Succeed();
        _irqs[1].Count.Should().Be((ulong)signals);
        file.Device.InterruptType.Should().Be(VfioIrqIndex.Msi);
    }

    [Theory]
    [InlineData("linux-5.10", Errno.EINVAL)]
    [InlineData("linux-6.1", Errno.EINVAL)]
    [InlineData("linux-6.12", null)]
    [InlineData("linux-7.3", null)]
    public void vfio_msi_set_vector_signal_gives_up_and_signals_nothing_where_there_is_no_vector(string profile, Errno? error)
    {
        using SimulatedHost host = Open(profile, out VfioDeviceFile file);
        file.EnableIrqs(VfioIrqIndex.Msi, _irqs[0]).Should().Succeed();

        file.SetIrqs(Triggers(VfioIrqIndex.Msi, 2, FileDescriptor.None)).Errno.Should().Be(error);
        file.TriggerIrq(VfioIrqIndex.Msi, vector: 2).Errno.Should().Be(error);
    }

    [Theory]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void vfio_msi_alloc_irq_comes_before_anybody_looks_whom_a_vector_shall_signal(string profile)
    {
        using SimulatedHost host = Open(profile, out VfioDeviceFile file);
        PciFunction nic = file.Device.Pci.Hardware;
        MsiXTable table = MsiXTable.Of(nic)!.Value;
        file.EnableIrqs(VfioIrqIndex.MsiX, _irqs[0]).Should().Succeed();

        file.SetIrqs(Triggers(VfioIrqIndex.MsiX, 1, FileDescriptor.Closed)).Errno.Should().Be(Errno.EBADF);

        nic.ReadBar(table.Bar, table.Start + 16, 4).Should().NotBe(0, "it has a message, and keeps it");
    }

    private static VfioIrqSet Triggers(VfioIrqIndex index, uint start, params FileDescriptor[] eventFds) =>
        new(index, VfioIrqSetFlags.ActionTrigger | VfioIrqSetFlags.DataEventFd, start, (uint)eventFds.Length) { EventFds = eventFds };

    private static SimulatedHost Open(string profile, out VfioDeviceFile file)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", FourMessages.Card);
        file = host.VfioPci.Bind(nic).Open();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandMaster);
        return host;
    }
}
