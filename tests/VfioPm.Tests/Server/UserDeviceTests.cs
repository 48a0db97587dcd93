namespace VfioPm.Tests;

// --as user: each message is what a user of vfio-pci would ask of the kernel.
public sealed class UserDeviceTests
{
    private const uint Trigger = 0x24;
    private const uint GiveUp = 0x21;
    private const uint SetFeature = 1 << 17;

    [Fact]
    public void The_device_is_told_as_vfio_pci_tells_it_but_that_nothing_can_be_mapped()
    {
        using ServedClient client = ServedClient.OfUser();

        client.Ask(ServerCommand.DeviceGetInfo, 16, 0, 0, 0).Words.Should().Equal(16, 3, 9, 5);
        client.Ask(ServerCommand.DeviceGetRegionInfo, 32, 0, 0, 0, 0, 0, 0, 0).Words
            .Should().Equal(32, 3, 0, 0, 0x20000, 0, 0, 0);
        client.Ask(ServerCommand.DeviceGetRegionInfo, 32, 0, 7, 0, 0, 0, 0, 0).Words
            .Should().Equal(32, 3, 7, 0, 4096, 0, 0, 7 << 8);
        client.Ask(ServerCommand.DeviceGetRegionInfo, 40, 0, 3, 0, 0, 0, 0, 0).Words
            .Should().Equal(32, 3, 3, 0, 0x4000, 0, 0, 3 << 8);
        client.Ask(ServerCommand.DeviceGetRegionInfo, 32, 0, 9, 0, 0, 0, 0, 0).Error.Should().Be(Errno.EINVAL);
        client.Ask(ServerCommand.DeviceGetIrqInfo, 16, 0, 2, 0).Words.Should().Equal(16, 9, 2, 5);
        client.Ask(ServerCommand.DeviceGetIrqInfo, 16, 0, 5, 0).Error.Should().Be(Errno.EINVAL);
        client.Ask(ServerCommand.DeviceGetRegionIoFds, 16, 0, 0, 0).Words.Should().Equal(16, 0, 0, 0);
        client.Ask(ServerCommand.DeviceGetRegionIoFds, 16, 0, 9, 0).Error.Should().Be(Errno.EINVAL);
        client.Ask(ServerCommand.DeviceGetRegionIoFds, 16, 1, 0, 0).Error.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Configuration_space_is_the_virtual_one_and_may_be_read_at_once()
    {
        using ServedClient client = ServedClient.OfUser();

        ServerReply all = client.Ask(ServerCommand.RegionRead, 0, 0, 7, 4096);

        all.Payload.Should().HaveCount(16 + 4096);
        all.Words[..5].Should().Equal(0, 0, 7, 4096, 0x10d38086);
    }

    [Fact]
    public void A_write_is_a_write()
    {
        using ServedClient client = ServedClient.OfUser();

        client.Ask(ServerCommand.RegionWrite, [.. Argument.Of([4, 0, 7, 2]), 2, 4]).Words.Should().Equal(4, 0, 7, 2);

        client.Ask(ServerCommand.RegionRead, 4, 0, 7, 2).Payload[16..].Should().Equal(2, 4);
        client.Host.VfioPci["0000:01:00.0"].Files[0].Config.Read(4, 2).Should().Be(0x402);
    }

    [Theory]
    [InlineData(0u, 0u, 9u, 4u, Errno.EINVAL)]
    [InlineData(0u, 0x100u, 7u, 4u, Errno.EINVAL)] // would be another region
    [InlineData(0u, 0u, 0xffffffffu, 4u, Errno.EINVAL)]
    [InlineData(4096u, 0u, 7u, 4u, Errno.EFAULT)] // as vfio-pci says it
    [InlineData(0x20000u, 0u, 0u, 4u, Errno.EINVAL)]
    [InlineData(0u, 0u, 7u, (1u << 20) + 1, Errno.EINVAL)]
    public void Where_there_is_nothing_nothing_is_read(uint low, uint high, uint region, uint count, Errno error)
    {
        using ServedClient client = ServedClient.OfUser();

        client.Ask(ServerCommand.RegionRead, low, high, region, count).Error.Should().Be(error);
    }

    [Theory]
    [InlineData(3u)]
    [InlineData(5u)]
    public void A_write_of_another_length_than_its_data_is_refused(uint count)
    {
        using ServedClient client = ServedClient.OfUser();

        client.Ask(ServerCommand.RegionWrite, 4, 0, 7, count, 0).Error.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Several_writes_are_done_up_to_the_first_that_fails()
    {
        using ServedClient client = ServedClient.OfUser();

        client.Ask(ServerCommand.RegionWriteMulti, 3, 0, 4, 0, 7, 2, 0x402, 0, 0, 0, 9, 4, 0, 0, 4, 0, 7, 2, 0, 0)
            .Words.Should().Equal(1, 0);

        client.Ask(ServerCommand.RegionRead, 4, 0, 7, 2).Payload[16..].Should().Equal(2, 4);
        client.Ask(ServerCommand.RegionWriteMulti, 1, 0, 0, 0, 9, 4, 0, 0).Error.Should().Be(Errno.EINVAL);
        client.Ask(ServerCommand.RegionWriteMulti, 1, 0, 4, 0, 7, 9, 0, 0).Error.Should().Be(Errno.EINVAL, "nine bytes");
        client.Ask(ServerCommand.RegionWriteMulti, 2, 0, 4, 0, 7, 2, 0, 0).Error.Should().Be(Errno.EINVAL, "one is missing");
        client.Ask(ServerCommand.RegionWriteMulti, 0, 0).Words.Should().Equal(0, 0);
    }

    [Fact]
    public void Interrupts_of_the_function_signal_the_clients_eventfds()
    {
        using ServedClient client = ServedClient.OfUser();
        int[] eventFds = [Descriptors.NewEventFd(), Descriptors.NewEventFd()];
        Master(client);
        client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([28, Trigger, 2, 0, 2]), eventFds).Error.Should().Be(0);

        client.Silicon.SendMessage(1).Should().BeTrue();
        client.Wall.Advance(TimeSpan.FromDays(1));

        (Descriptors.Take(eventFds[0]), Descriptors.Take(eventFds[1])).Should().Be((0, 1));
        client.Ask(ServerCommand.DeviceSetIrqs, 20, GiveUp, 2, 0, 0).Error.Should().Be(0);
        client.Silicon.SendMessage(1).Should().BeFalse();
        Array.ForEach(eventFds, Descriptors.Close);
    }

    [Fact]
    public void Without_descriptors_an_interrupt_is_given_up()
    {
        using ServedClient client = ServedClient.OfUser();
        int eventFd = Descriptors.NewEventFd();
        client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([24, Trigger, 3, 0, 1]), eventFd).Error.Should().Be(0);

        client.Ask(ServerCommand.DeviceSetIrqs, 24, Trigger, 3, 0, 1).Error.Should().Be(0);

        client.Ask(ServerCommand.DeviceSetIrqs, 20, GiveUp, 3, 0, 1).Error.Should().Be(Errno.EINVAL, "nothing to signal");
        Descriptors.Close(eventFd);
    }

    [Fact]
    public void What_makes_no_sense_of_interrupts_is_refused()
    {
        using ServedClient client = ServedClient.OfUser();
        int eventFd = Descriptors.NewEventFd();
        (System.Net.Sockets.Socket ours, int socket) = Descriptors.NewPair();

        Errno Set(uint[] words, params int[] descriptors) =>
            client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of(words), descriptors).Error;

        Set([19, GiveUp, 1, 0, 0]).Should().Be(Errno.EINVAL);
        Set([24, Trigger, 1, 0, 2], eventFd).Should().Be(Errno.EINVAL, "two vectors, one descriptor");
        Set([20, GiveUp, 1, 0, 1], eventFd).Should().Be(Errno.EINVAL, "no data, one descriptor");
        Set([24, Trigger, 9, 0, 1], eventFd).Should().Be(Errno.EINVAL, "no such index");
        Set([24, Trigger, 1, 0, 1], socket).Should().Be(Errno.EINVAL, "no eventfd");
        Set([20, Trigger, 1, 0, 0x40000000]).Should().Be(Errno.EINVAL, "as many as nobody has");
        Set([24, 0x14, 0, 0, 1], eventFd).Should().Be(Errno.EOPNOTSUPP, "an eventfd that unmasks");
        Set([22, 0x22, 1, 0, 2]).Should().Be(Errno.EINVAL, "two bytes are not there");
        Set([24, Trigger, 1, 0, 1], eventFd).Should().Be(0);

        Descriptors.Close(socket);
        ours.Dispose();
        Descriptors.Close(eventFd);
    }

    [Fact]
    public void A_wake_that_takes_the_kernel_its_time_delays_the_answer_by_that()
    {
        using ServedClient client = ServedClient.OfUser();
        client.Ask(ServerCommand.DeviceFeature, 8, 3 | SetFeature).Words.Should().Equal(8, 3 | SetFeature);
        client.Wall.Advance(TimeSpan.FromSeconds(1));
        client.Server.Function.Should().BeIn(PowerState.D3Cold);
        TimeSpan asleep = client.Host.Clock.Now;

        client.Send(ServerCommand.RegionRead, Argument.Of([0, 0, 7, 4]));
        client.AwaitCallUnderWay();
        client.Wall.Advance(TimeSpan.FromMilliseconds(50));
        client.HasAnswer().Should().BeFalse();
        client.PassUntilAnswered(TimeSpan.FromMilliseconds(1));

        client.Receive()!.Words[4].Should().Be(0x10d38086);
        (client.Host.Clock.Now - asleep).Should().BeGreaterThan(TimeSpan.FromMilliseconds(100), "a port needs as much to get its power");
    }

    [Fact]
    public void Under_the_RFC_a_guests_D3hot_takes_function_and_port_to_D3cold_and_its_D0_brings_them_back()
    {
        using ServedClient client = ServedClient.OfUser(KernelProfile.RfcV1);

        client.Ask(ServerCommand.RegionWrite, [.. Argument.Of([0xcc, 0, 7, 2]), 3, 0]).Error.Should().Be(0);
        client.Wall.Advance(TimeSpan.FromSeconds(2));
        client.Server.Function.Should().BeIn(PowerState.D3Cold);
        client.Host["0000:00:03.0"].Should().BeIn(PowerState.D3Cold);
        client.AskAndWait(ServerCommand.RegionWrite, [.. Argument.Of([0xcc, 0, 7, 2]), 0, 0]).Error.Should().Be(0);

        client.Server.Function.Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void The_wakeup_of_low_power_signals_the_clients_eventfd()
    {
        using ServedClient client = ServedClient.OfUser();
        int eventFd = Descriptors.NewEventFd();

        client.Ask(ServerCommand.DeviceFeature, Argument.Of([16, 4 | SetFeature, uint.MaxValue, 0]), eventFd)
            .Words.Should().Equal(16, 4 | SetFeature, uint.MaxValue, 0);
        client.Wall.Advance(TimeSpan.FromSeconds(1));
        client.Server.Function.Sysfs.Write("power/control", "on");
        client.Wall.Advance(TimeSpan.FromDays(1));

        Descriptors.Take(eventFd).Should().Be(1);
        Descriptors.Close(eventFd);
    }

    [Fact]
    public void A_feature_that_makes_no_sense_is_refused_as_the_kernel_refuses_it()
    {
        using ServedClient client = ServedClient.OfUser();

        client.Ask(ServerCommand.DeviceFeature, 8, 1 | SetFeature).Error.Should().Be(Errno.ENOTTY);
        client.Ask(ServerCommand.DeviceFeature, 8, 3).Error.Should().Be(Errno.EINVAL);
        client.Ask(ServerCommand.DeviceFeature, 16, 4 | SetFeature, 7, 0).Error.Should().Be(Errno.EINVAL, "no descriptor came");
        client.Ask(ServerCommand.DeviceFeature, 16, 4 | SetFeature).Error.Should().Be(Errno.EFAULT, "no data came");
        using ServedClient older = ServedClient.OfUser(KernelProfile.RfcV1);
        older.Ask(ServerCommand.DeviceFeature, 8, 3 | SetFeature).Error.Should().Be(Errno.ENOTTY);
    }

    [Fact]
    public void A_reset_resets()
    {
        using ServedClient client = ServedClient.OfUser();
        client.Ask(ServerCommand.RegionWrite, [.. Argument.Of([0x3c, 0, 7, 1]), 9]);

        client.AskAndWait(ServerCommand.DeviceReset, []).Error.Should().Be(0);

        client.Server.Function.Hardware.Faults.Should().BeEmpty();
        client.Host.Clock.Now.Should().BeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public void The_next_client_finds_the_device_as_it_was_left_without_the_old_ones_eventfds()
    {
        using ServedClient client = ServedClient.OfUser();
        int eventFd = Descriptors.NewEventFd();
        Master(client);
        client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([24, Trigger, 1, 0, 1]), eventFd).Error.Should().Be(0);

        client.Reconnect();

        client.Ask(ServerCommand.RegionRead, 4, 0, 7, 2).Payload[16..].Should().Equal(6, 0);
        client.Host.VfioPci["0000:01:00.0"].InterruptType.Should().BeNull();
        client.Silicon.SendMessage(0).Should().BeFalse();
        Descriptors.Close(eventFd);
    }

    private static void Master(ServedClient client) =>
        client.Ask(ServerCommand.RegionWrite, [.. Argument.Of([4, 0, 7, 2]), 6, 0]).Error.Should().Be(0);
}
