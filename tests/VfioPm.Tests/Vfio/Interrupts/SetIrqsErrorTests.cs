namespace VfioPm.Tests;

// vfio_set_irqs_validate_and_prepare(), vfio_pci_set_irqs_ioctl(); recordings "irq-errors", "err-and-req-irq".
public sealed class SetIrqsErrorTests : IDisposable
{

    // vfio_msi_set_block(): from Linux 6.4 on there is no array that a range could begin behind.
    [Theory]
    [InlineData("linux-6.1", Errno.EINVAL)]
    [InlineData("linux-6.12", null)]
    [InlineData("linux-7.3", null)]
    public void A_range_of_no_vectors_begins_at_one_that_is_enabled(string profile, Errno? error)
    {
        using var nic = new OpenNic(KernelProfile.Parse(profile));
        nic.File.EnableIrqs(VfioIrqIndex.MsiX, new EventFd(), new EventFd()).Should().Succeed();

        SetNone(start: 1).Errno.Should().BeNull();
        SetNone(start: 2).Errno.Should().Be(error);

        KernelResult SetNone(uint start) => nic.File.SetIrqs(
            new VfioIrqSet(VfioIrqIndex.MsiX, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionTrigger, start, count: 0) { EventFds = [] });
    }

    private const VfioIrqSetFlags TriggerNone = VfioIrqSetFlags.ActionTrigger | VfioIrqSetFlags.DataNone;
    private const VfioIrqSetFlags TriggerBool = VfioIrqSetFlags.ActionTrigger | VfioIrqSetFlags.DataBool;
    private const VfioIrqSetFlags TriggerEventFd = VfioIrqSetFlags.ActionTrigger | VfioIrqSetFlags.DataEventFd;
    private const VfioIrqSetFlags MaskNone = VfioIrqSetFlags.ActionMask | VfioIrqSetFlags.DataNone;

    private readonly OpenNic _nic = new(KernelProfile.RfcV1);
    private readonly EventFd _irq = new();

    private FileDescriptor[] Descriptors => [_irq, _irq];

    public void Dispose() => _nic.Dispose();

    [Theory]
    [InlineData(0u, 19u, 0u, 1u, TriggerNone)] // argsz below the header
    [InlineData(0u, 23u, 0u, 1u, TriggerEventFd)] // argsz without the data
    [InlineData(5u, 20u, 0u, 1u, TriggerNone)] // no such index
    [InlineData(0u, 28u, 0u, 2u, TriggerEventFd)] // more than there are
    [InlineData(0u, 24u, 1u, 1u, TriggerEventFd)] // behind the last
    [InlineData(1u, 4u, 0u, uint.MaxValue, TriggerNone)] // count and start overflow
    [InlineData(0u, 24u, 0u, 1u, VfioIrqSetFlags.None)] // no kind of data
    [InlineData(0u, 24u, 0u, 1u, (VfioIrqSetFlags)0x27)] // all kinds of data
    [InlineData(0u, 24u, 0u, 1u, (VfioIrqSetFlags)0x40)] // unknown flag
    [InlineData(0u, 20u, 0u, 1u, TriggerNone)] // not set up
    [InlineData(0u, 20u, 0u, 1u, MaskNone)]
    [InlineData(0u, 20u, 0u, 1u, VfioIrqSetFlags.ActionUnmask | VfioIrqSetFlags.DataNone)]
    [InlineData(1u, 20u, 0u, 1u, TriggerNone)]
    [InlineData(3u, 20u, 0u, 1u, TriggerNone)] // no eventfd to signal
    [InlineData(4u, 20u, 0u, 0u, TriggerBool)] // nothing to choose from
    [InlineData(4u, 20u, 0u, 0u, TriggerEventFd)]
    public void What_makes_no_sense_is_refused(
        uint index, uint argumentSize, uint start, uint count, VfioIrqSetFlags flags)
    {
        _nic.File.SetIrqs(new VfioIrqSet
        {
            Index = index,
            ArgumentSize = argumentSize,
            Start = start,
            Count = count,
            Flags = flags,
            EventFds = Descriptors,
        }).Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData(VfioIrqIndex.Msi, MaskNone)]
    [InlineData(VfioIrqIndex.MsiX, VfioIrqSetFlags.ActionUnmask | VfioIrqSetFlags.DataNone)]
    [InlineData(VfioIrqIndex.Err, MaskNone)]
    [InlineData(VfioIrqIndex.Intx, VfioIrqSetFlags.DataNone)]
    public void An_action_that_the_index_does_not_have_is_no_ioctl(VfioIrqIndex index, VfioIrqSetFlags flags) =>
        _nic.File.SetIrqs(new VfioIrqSet(index, flags)).Errno.Should().Be(Errno.ENOTTY);

    [Fact]
    public void Masking_by_eventfd_was_never_written()
    {
        _nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);

        _nic.File.SetIrqs(new VfioIrqSet(
            VfioIrqIndex.Intx, VfioIrqSetFlags.ActionMask | VfioIrqSetFlags.DataEventFd)
        { EventFds = Descriptors })
            .Errno.Should().Be(Errno.ENOTTY);
    }

    [Fact]
    public void Data_that_is_not_in_memory_is_a_fault()
    {
        _nic.File.SetIrqs(new VfioIrqSet(VfioIrqIndex.Intx, TriggerEventFd)).Errno.Should().Be(Errno.EFAULT);
        _nic.File.SetIrqs(new VfioIrqSet(VfioIrqIndex.Req, TriggerBool)).Errno.Should().Be(Errno.EFAULT);
    }

    [Theory]
    [InlineData(VfioIrqIndex.Intx)]
    [InlineData(VfioIrqIndex.Msi)]
    [InlineData(VfioIrqIndex.Err)]
    public void A_descriptor_must_be_an_open_eventfd(VfioIrqIndex index)
    {
        var closed = new EventFd();
        closed.Close();

        _nic.File.EnableIrqs(index, FileDescriptor.Closed).Errno.Should().Be(Errno.EBADF);
        _nic.File.EnableIrqs(index, closed).Errno.Should().Be(Errno.EBADF);
        _nic.File.EnableIrqs(index, FileDescriptor.OtherFile).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Only_one_of_INTx_MSI_and_MsiX_is_set_up_at_a_time()
    {
        _nic.File.EnableIrqs(VfioIrqIndex.Intx, _irq);

        _nic.File.EnableIrqs(VfioIrqIndex.Msi, _irq).Errno.Should().Be(Errno.EINVAL);
        _nic.File.EnableIrqs(VfioIrqIndex.MsiX, _irq).Errno.Should().Be(Errno.EINVAL);
    }

    // msix_map_region()
    [Fact]
    public void A_table_of_MsiX_that_is_in_no_BAR_cannot_be_mapped()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice nic = host.AddRootPort("0000:00:03.0")
            .AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithBarSize(3, 0));
        using VfioDeviceFile file = host.VfioPci.Bind(nic).Open();

        file.EnableIrqs(VfioIrqIndex.MsiX, new EventFd()).Errno.Should().Be(Errno.ENOMEM);

        file.Device.InterruptType.Should().BeNull();
        file.EnableIrqs(VfioIrqIndex.Msi, new EventFd()).Should().Be(KernelResult.Success, "MSI needs no table");
    }

    [Fact]
    public void MSI_without_vectors_is_out_of_range() =>
        _nic.File.EnableIrqs(VfioIrqIndex.Msi).Errno.Should().Be(Errno.ERANGE);

    [Fact]
    public void Errors_and_requests_signal_what_was_given_for_them()
    {
        var request = new EventFd();
        _nic.File.EnableIrqs(VfioIrqIndex.Err, _irq);
        _nic.File.EnableIrqs(VfioIrqIndex.Req, request);

        _nic.File.TriggerIrq(VfioIrqIndex.Err).Should().Be(KernelResult.Success);
        _nic.File.Device.ReportError().Should().BeTrue();
        _nic.File.Device.RequestRelease().Should().BeTrue();
        _nic.File.DisableIrqs(VfioIrqIndex.Err).Should().Be(KernelResult.Success);

        _irq.Count.Should().Be(2);
        request.Count.Should().Be(1);
        _nic.File.Device.ReportError().Should().BeFalse();
    }

    [Theory]
    [InlineData("linux-5.10", null)]
    [InlineData("rfc-v1", null)]
    [InlineData("linux-6.1", null)]
    [InlineData("linux-6.12", Errno.EINVAL)]
    [InlineData("linux-7.3", Errno.EINVAL)]
    public void vfio_pci_set_ctx_trigger_single_does_nothing_for_another_negative_number_before_it_refuses_it(string profile, Errno? error)
    {
        using var nic = new OpenNic(KernelProfile.Parse(profile));
        nic.File.EnableIrqs(VfioIrqIndex.Req, _irq).Should().Succeed();

        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, 24, (uint)TriggerEventFd, (uint)VfioIrqIndex.Req, 0, 1, unchecked((uint)-2))
            .Errno.Should().Be(error);

        nic.File.TriggerIrq(VfioIrqIndex.Req).Should().Succeed();
        _irq.Count.Should().Be(1, "the eventfd is still there");
        nic.File.Ioctl(VfioIoctl.DeviceSetIrqs, 24, (uint)TriggerEventFd, (uint)VfioIrqIndex.Req, 0, 1, unchecked((uint)-1)).Should().Succeed();
        nic.File.TriggerIrq(VfioIrqIndex.Req).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Bools_choose_the_vectors()
    {
        var second = new EventFd();
        _nic.File.EnableIrqs(VfioIrqIndex.MsiX, _irq, second);

        _nic.File.SetIrqs(new VfioIrqSet(VfioIrqIndex.MsiX, TriggerBool, count: 2) { Bools = [0, 1] });

        _irq.Count.Should().Be(0);
        second.Count.Should().Be(1);
    }
}
