namespace VfioPm.Tests;

// The MSI part of vfio_pci_intrs.c and drivers/pci/msi/; recordings "msi", "msix", "msi-in-d3hot".
public sealed class MsiTests
{
    private readonly EventFd[] _irqs = [new(), new(), new(), new(), new()];

    [Fact]
    public void Messages_of_the_function_signal_the_eventfd()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.Msi, _irqs[0]).Should().Be(KernelResult.Success);

        nic.Nic.Hardware.SendMessage(0).Should().BeTrue();

        _irqs[0].Count.Should().Be(1);
        (nic.Register(CapabilityId.Msi, MsiRegisters.MessageControl, 2) & MsiRegisters.Enable).Should().Be(1);
        nic.Register(CapabilityId.Msi, MsiRegisters.Address, 4).Should().Be(0xfee00238, "as recorded");
    }

    [Fact]
    public void The_user_sees_none_of_the_hosts_message()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.Msi, _irqs[0]);
        int offset = nic.Nic.Hardware.Capabilities.Find(CapabilityId.Msi)!.Value.Offset;

        nic.File.Config.Read(offset + MsiRegisters.Address, 4).Should().Be(0);
    }

    [Fact]
    public void Each_vector_of_MsiX_has_its_own_eventfd()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.MsiX, _irqs[0], FileDescriptor.None, _irqs[2]);

        nic.Nic.Hardware.SendMessage(2).Should().BeTrue();
        nic.Nic.Hardware.SendMessage(1).Should().BeFalse("nobody unmasked it");
        nic.File.TriggerIrq(VfioIrqIndex.MsiX);

        _irqs[2].Count.Should().Be(1);
        _irqs[0].Count.Should().Be(1);
    }

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-1)]
    [InlineData(1)]
    public void Where_there_is_no_such_vector_there_is_no_eventfd(int vector)
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.MsiX, _irqs[0]);

        nic.File.Device.InterruptEventFd(VfioIrqIndex.MsiX, vector).Should().BeNull();
        nic.File.Device.InterruptEventFd(VfioIrqIndex.MsiX).Should().BeSameAs(_irqs[0]);
    }

    [Fact]
    public void Disabled_messages_are_not_sent()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.MsiX, _irqs[0]);

        nic.File.DisableIrqs(VfioIrqIndex.MsiX).Should().Be(KernelResult.Success);

        nic.Nic.Hardware.SendMessage(0).Should().BeFalse();
        nic.File.Device.InterruptType.Should().BeNull();
    }

    [Fact]
    public void No_descriptor_in_the_place_of_one_takes_a_vector_back()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);
        nic.File.EnableIrqs(VfioIrqIndex.MsiX, _irqs[0], _irqs[1]);

        nic.File.EnableIrqs(VfioIrqIndex.MsiX, FileDescriptor.None, _irqs[2]).Should().Succeed();

        nic.Nic.Hardware.SendMessage(0).Should().BeFalse();
        nic.Nic.Hardware.SendMessage(1).Should().BeTrue();
        _irqs.Select(static irq => irq.Count).Should().Equal(0, 0, 1, 0, 0);
    }

    /// <summary><c>msi_qmax</c>: 2 to the power of it are at least as many as he set up, and so many he may write.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    public void A_user_enables_no_more_messages_than_he_set_up(int vectors, int most)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", FourMessages.Card);
        using VfioDeviceFile file = host.VfioPci.Bind(nic).Open();
        int control = nic.Hardware.Capabilities.Find(CapabilityId.Msi)!.Value.Offset + MsiRegisters.MessageControl;
        file.EnableIrqs(VfioIrqIndex.Msi, [.. _irqs.Take(vectors).Select(static irq => (FileDescriptor)irq)]).Should().Succeed();

        for (int written = 0; written <= 2; written++)
        {
            file.Config.Write(control, 2, MsiRegisters.Enable | ((uint)written << 4));

            ((file.Config.Read(control, 2) >> 4) & 7).Should().Be((uint)Math.Min(written, most));
            ((nic.Hardware.Configuration.Read(control, 2) >> 4) & 7).Should().Be((uint)Math.Min(written, most));
        }
    }

    [Theory]
    [InlineData(VfioIrqIndex.Msi)]
    [InlineData(VfioIrqIndex.MsiX)]
    public void Neither_can_be_set_up_outside_of_D0(VfioIrqIndex index)
    {
        using var nic = new OpenNic(KernelProfile.PreRfc);
        nic.Sleep();

        nic.File.EnableIrqs(index, _irqs[0]).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Under_the_RFC_they_can_be_set_up_in_the_second_before_the_sleep()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.Config.WritePmcsrState(PowerState.D3Hot);

        nic.File.EnableIrqs(VfioIrqIndex.Msi, _irqs[0]).Should().Be(KernelResult.Success);
    }

    [Theory]
    [InlineData(VfioIrqIndex.Msi)]
    [InlineData(VfioIrqIndex.MsiX)]
    public void What_is_set_up_survives_a_loss_of_power(VfioIrqIndex index)
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(index, _irqs[0]);
        nic.Sleep();
        nic.Nic.PowerState.Should().Be(PowerState.D3Cold);

        nic.File.Config.WritePmcsrState(PowerState.D0);

        nic.Nic.Hardware.SendMessage(0).Should().BeTrue();
        _irqs[0].Count.Should().Be(1);
    }

    [Fact]
    public void More_vectors_can_be_added_only_on_kernels_that_allocate_them_one_by_one()
    {
        using var before = new OpenNic(KernelProfile.Linux6_1);
        using var after = new OpenNic(KernelProfile.Linux6_12);
        before.File.EnableIrqs(VfioIrqIndex.MsiX, new EventFd());
        after.File.EnableIrqs(VfioIrqIndex.MsiX, _irqs[0]);

        before.File.EnableIrqs(VfioIrqIndex.MsiX, new EventFd(), new EventFd()).Errno.Should().Be(Errno.EINVAL);
        after.File.EnableIrqs(VfioIrqIndex.MsiX, _irqs[0], _irqs[1]).Should().Be(KernelResult.Success);

        after.Nic.Hardware.SendMessage(1).Should().BeTrue();
        _irqs[1].Count.Should().Be(1);
    }

    [Fact]
    public void A_bad_descriptor_takes_all_back()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);

        nic.File.EnableIrqs(VfioIrqIndex.MsiX, _irqs[0], FileDescriptor.Closed).Errno.Should().Be(Errno.EBADF);

        nic.File.Device.InterruptType.Should().BeNull();
        nic.Nic.Hardware.SendMessage(0).Should().BeFalse();
    }

    /// <summary><c>vfio_msi_set_block()</c>.</summary>
    [Fact]
    public void A_bad_descriptor_takes_its_whole_range_back_and_no_more()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.MsiX, _irqs[0], _irqs[1], _irqs[2], _irqs[3]);

        nic.File.SetIrqs(new VfioIrqSet(VfioIrqIndex.MsiX, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionTrigger, start: 1, count: 2)
        {
            EventFds = [_irqs[4], FileDescriptor.Closed],
        }).Errno.Should().Be(Errno.EBADF);

        Enumerable.Range(0, 4).Select(nic.Nic.Hardware.SendMessage).Should().Equal(true, false, false, true);
    }

    [Theory]
    [InlineData(VfioIrqIndex.Msi)]
    [InlineData(VfioIrqIndex.MsiX)]
    public void A_close_gives_them_up_for_the_next_user(VfioIrqIndex index)
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(index, _irqs[0]);
        nic.File.Close();
        using VfioDeviceFile next = nic.File.Device.Open();

        next.EnableIrqs(index, _irqs[1]).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_fork_has_messages_of_its_own()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.File.EnableIrqs(VfioIrqIndex.MsiX, _irqs[0]);
        ForkContext context = new();
        using SimulatedHost fork = context.Of(nic.Host);

        fork["0000:01:00.0"].Hardware.SendMessage(0).Should().BeTrue();

        context.Of(_irqs[0]).Count.Should().Be(1);
        _irqs[0].Count.Should().Be(0);
    }
}
