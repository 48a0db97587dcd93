namespace VfioPm.Tests;

// vfio_pci_ioctl_get_irq_info(), vfio_pci_get_irq_count()
public sealed class IrqInfoTests
{
    private const VfioIrqInfoFlags NoResize = VfioIrqInfoFlags.EventFd | VfioIrqInfoFlags.NoResize;

    private const VfioIrqInfoFlags Maskable =
        VfioIrqInfoFlags.EventFd | VfioIrqInfoFlags.Maskable | VfioIrqInfoFlags.AutoMasked;

    [Theory]
    [InlineData(VfioIrqIndex.Intx, Maskable, 1)]
    [InlineData(VfioIrqIndex.Msi, NoResize, 1)]
    [InlineData(VfioIrqIndex.MsiX, NoResize, 5)]
    [InlineData(VfioIrqIndex.Err, NoResize, 1)]
    [InlineData(VfioIrqIndex.Req, NoResize, 1)]
    public void An_index_says_what_it_can_and_how_many_there_are(VfioIrqIndex index, VfioIrqInfoFlags flags, int count)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.GetIrqInfo(index, out VfioIrqInfo info).Should().Be(KernelResult.Success);

        info.Should().Be(new VfioIrqInfo(flags, count));
    }

    [Fact]
    public void MsiX_grows_on_later_kernels()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_12);

        nic.File.GetIrqInfo(VfioIrqIndex.MsiX, out VfioIrqInfo info);

        info.Flags.Should().Be(VfioIrqInfoFlags.EventFd);
    }

    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void Where_there_is_no_MsiX_nothing_grows(string profile)
    {
        VfioDeviceFile file = ConventionalFunction(profile);

        file.GetIrqInfo(VfioIrqIndex.MsiX, out VfioIrqInfo info).Should().Be(KernelResult.Success);

        info.Should().Be(new VfioIrqInfo(NoResize, 0));
    }

    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", true)]
    public void Functions_of_conventional_PCI_have_the_error_interrupt_on_later_kernels(string profile, bool have)
    {
        VfioDeviceFile file = ConventionalFunction(profile);

        file.GetIrqInfo(VfioIrqIndex.Err, out VfioIrqInfo info).Errno.Should().Be(have ? null : Errno.EINVAL);
        info.Count.Should().Be(have ? 1 : 0);
        file.EnableIrqs(VfioIrqIndex.Err, new EventFd()).IsError.Should().Be(!have);
    }

    [Theory]
    [InlineData(5u, 16u)]
    [InlineData(1u, 15u)]
    public void An_index_that_is_none_and_an_argsz_too_small_are_refused(uint index, uint argumentSize)
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);

        nic.File.GetIrqInfo(index, argumentSize, out _).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Under_the_RFC_a_function_without_power_seems_to_have_more_vectors_than_exist()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.Sleep();
        nic.Nic.PowerState.Should().Be(PowerState.D3Cold);

        nic.File.GetIrqInfo(VfioIrqIndex.Msi, out VfioIrqInfo msi);
        nic.File.GetIrqInfo(VfioIrqIndex.MsiX, out VfioIrqInfo msiX);

        // All ones in Message Control.
        msi.Count.Should().Be(128);
        msiX.Count.Should().Be(2048);
        nic.Nic.PowerState.Should().Be(PowerState.D3Cold, "the ioctl knows nothing of the sleep");
    }

    [Fact]
    public void Linux_6_1_wakes_the_function_and_reads_what_is_there()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        nic.File.EnterLowPower();
        nic.Host.Clock.Advance(OpenNic.AutosuspendDelay);
        nic.Nic.PowerState.Should().Be(PowerState.D3Cold);

        nic.File.GetIrqInfo(VfioIrqIndex.MsiX, out VfioIrqInfo info);

        info.Count.Should().Be(5);
    }

    private static VfioDeviceFile ConventionalFunction(string profile)
    {
        var host = new SimulatedHost(KernelProfile.All.Single(kernel => kernel.Name == profile));
        DeviceImage image = DeviceImages.E1000E;
        byte[] space = image.Bytes.ToArray();
        space[PciRegisters.CapabilityPointer] = 0;
        return host.VfioPci.Bind(host.AddEndpoint("0000:00:05.0", DeviceImage.FromConfigBytes(space))).Open();
    }
}
