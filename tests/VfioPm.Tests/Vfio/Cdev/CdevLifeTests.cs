namespace VfioPm.Tests;

/// <summary>Files of character devices as they are closed, copied and compared.</summary>
public sealed class CdevLifeTests
{
    [Fact]
    public void A_closed_file_says_so()
    {
        using SimulatedHost host = CdevPair.Make("linux-7.3");
        VfioPciDevice device = host.VfioPci.Devices[0];
        Iommufd iommufd = host.VfioPci.OpenIommufd();
        VfioCdev cdev = device.OpenCdev();

        cdev.Dispose();

        cdev.IsClosed.Should().BeTrue();
        device.Cdevs.Should().BeEmpty();
        FluentActions.Invoking(() => cdev.Ioctl((uint)VfioIoctl.DeviceReset, [])).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => cdev.BindIommufd(iommufd)).Should().Throw<ObjectDisposedException>();
        iommufd.Dispose();
        iommufd.IsClosed.Should().BeTrue();
        host.VfioPci.Iommufds.Should().BeEmpty();
    }

    /// <summary>The call holds the file: <c>vfio_device_fops_release()</c> comes with its end.</summary>
    [Fact]
    public void Who_closes_it_while_it_is_being_bound_has_it_closed_afterwards()
    {
        using SimulatedHost host = CdevPair.Make("linux-7.3");
        VfioPciDevice device = host.VfioPci.Devices[0];
        VfioCdev cdev = device.OpenCdev();
        PendingCall bind = cdev.BeginBindIommufd(host.VfioPci.OpenIommufd());
        bind.IsCompleted.Should().BeFalse("it waits for the function to wake");

        cdev.Close();
        device.Cdevs.Should().ContainSingle();
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        bind.Result.Should().Succeed();
        (device.IsOpen, device.Cdevs.Count, device.Iommufd).Should().Be((false, 0, null));
        device.Pci.Should().BeIn(PowerState.D3Cold);
    }

    [Fact]
    public void A_fork_has_its_own()
    {
        using SimulatedHost host = CdevPair.Make("linux-7.3");
        Iommufd iommufd = host.VfioPci.OpenIommufd();
        host.VfioPci.Devices[0].OpenCdev().BindIommufd(iommufd);

        using SimulatedHost fork = host.Fork();
        VfioPciDevice device = fork.VfioPci.Devices[0];
        device.Iommufd.Should().NotBeNull().And.NotBeSameAs(iommufd).And.BeSameAs(fork.VfioPci.Iommufds[0]);
        FluentActions.Invoking(() => fork.VfioPci.Devices[1].OpenCdev().BindIommufd(iommufd)).Should().Throw<ArgumentException>();
        device.Cdevs[0].Close();

        device.Iommufd.Should().BeNull();
        host.VfioPci.Devices[0].Iommufd.Should().BeSameAs(iommufd);
        host.VfioPci.Devices[0].IsOpen.Should().BeTrue();
    }

    [Fact]
    public void What_is_open_and_bound_is_in_the_hash_and_in_a_fork()
    {
        using SimulatedHost host = CdevPair.Make("linux-7.3", separate: true);
        (VfioPciDevice one, VfioPciDevice other) = (host.VfioPci.Devices[0], host.VfioPci.Devices[1]);
        HashSet<ulong> hashes = [host.ComputeStateHash()];
        Iommufd iommufd = host.VfioPci.OpenIommufd();
        Look("an iommufd is open");
        VfioCdev cdev = one.OpenCdev();
        Look("a device");
        VfioCdev second = other.OpenCdev();
        Look("another");
        PendingCall bind = cdev.BeginBindIommufd(iommufd);
        bind.IsCompleted.Should().BeFalse();
        Look("it is being bound");
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        Look("it is bound");
        second.BindIommufd(iommufd);
        Look("both are");
        cdev.Close();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        Look("the second is");
        iommufd.Close();
        Look("by what nobody has open");

        void Look(string what)
        {
            hashes.Add(host.ComputeStateHash()).Should().BeTrue(what);
            using SimulatedHost fork = host.Fork();
            fork.ComputeStateHash().Should().Be(host.ComputeStateHash(), what);
            fork.VfioPci.Iommufds.Select(static copy => string.Join(' ', copy.DeviceIds))
                .Should().Equal(host.VfioPci.Iommufds.Select(static original => string.Join(' ', original.DeviceIds)), what);
            foreach (VfioCdev copy in fork.VfioPci.Devices.SelectMany(static device => device.Cdevs).ToArray())
            {
                copy.Close();
            }

            fork.Clock.Advance(TimeSpan.FromSeconds(2));
            fork.VfioPci.Devices.Should().OnlyContain(static device => !device.IsOpen && device.Cdevs.Count == 0, what);
        }
    }

    [Fact]
    public void An_iommufd_that_nobody_holds_is_gone_and_its_number_free()
    {
        using SimulatedHost host = CdevPair.Make("linux-7.3");
        Iommufd[] opened = [host.VfioPci.OpenIommufd(), host.VfioPci.OpenIommufd(), host.VfioPci.OpenIommufd()];
        host.VfioPci.Devices[0].OpenCdev().BindIommufd(opened[0]);
        opened[0].Close();
        opened[1].Close();

        Iommufd next = host.VfioPci.OpenIommufd();

        host.VfioPci.Iommufds.Should().Equal(opened[0], opened[2], next);
        (opened[0].Index, opened[2].Index, next.Index).Should().Be((0, 2, 1), "a device has the first");
    }
}
