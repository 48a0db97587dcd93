using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.Extensions.Time.Testing;
using VfioPm.Server;

namespace VfioPm.Tests;

// vfio-user.rst: what holds for every message, and those about memory.
public sealed class MessageTests
{
    private const uint Readable = 1;
    private const uint Writable = 2;
    private const uint All = 2;

    public static TheoryData<ServedAs> Both { get; } = [ServedAs.User, ServedAs.Silicon];

    [Fact]
    public void A_reply_has_the_number_and_the_command_of_what_it_replies_to()
    {
        using ServedClient client = ServedClient.OfUser();

        ushort id = client.Send(ServerCommand.DeviceGetInfo, Argument.Of([16, 0, 0, 0]));

        ServerReply reply = client.Receive()!;
        (reply.Id, reply.Command, reply.Flags).Should().Be((id, ServerCommand.DeviceGetInfo, 1u));
    }

    [Fact]
    public void An_error_has_no_payload()
    {
        using ServedClient client = ServedClient.OfUser();

        ServerReply reply = client.Ask(ServerCommand.DeviceGetIrqInfo, 16, 0, 5, 0);

        (reply.Flags, reply.Error, reply.Payload.Length).Should().Be((0x21u, Errno.EINVAL, 0));
    }

    [Theory]
    [InlineData(ServerCommand.DeviceGetInfo)]
    [InlineData((ServerCommand)99)]
    public void Who_wants_no_reply_gets_none(ServerCommand command)
    {
        using ServedClient client = ServedClient.OfUser();

        client.Send(command, Argument.Of([16, 0, 0, 0]), ServedClient.NoReply);

        client.Ask(ServerCommand.DeviceGetInfo, 16, 0, 0, 0).Id.Should().Be(3, "that is the next message");
    }

    [Theory]
    [InlineData((ServerCommand)0)]
    [InlineData(ServerCommand.DmaRead)]
    [InlineData(ServerCommand.DmaWrite)]
    [InlineData((ServerCommand)14)]
    [InlineData((ServerCommand)19)]
    [InlineData((ServerCommand)0xffff)]
    [InlineData(ServerCommand.Version)] // once is enough
    public void What_is_no_command_of_a_client_is_refused(ServerCommand command)
    {
        using ServedClient client = ServedClient.OfUser();

        client.Ask(command, new byte[64]).Error.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData(ServerCommand.MigrationDataRead)]
    [InlineData(ServerCommand.MigrationDataWrite)]
    public void Nothing_here_migrates(ServerCommand command)
    {
        using ServedClient client = ServedClient.OfUser();

        client.Ask(command, 8, 8).Error.Should().Be(Errno.EOPNOTSUPP);
    }

    [Theory]
    [InlineData(0x20u)] // an error, in a command
    [InlineData(0x40u)]
    [InlineData(0x8000_0000u)]
    public void Flags_that_a_command_cannot_have_are_refused(uint flags)
    {
        using ServedClient client = ServedClient.OfUser();

        client.Send(ServerCommand.DeviceGetInfo, Argument.Of([16, 0, 0, 0]), flags);

        client.Receive()!.Error.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData(1u)] // a reply, to nothing
    [InlineData(7u)] // neither command nor reply
    public void What_is_no_command_ends_the_connection(uint flags)
    {
        using ServedClient client = ServedClient.OfUser();

        client.Send(ServerCommand.DeviceGetInfo, Argument.Of([16, 0, 0, 0]), flags);

        client.Receive().Should().BeNull();
        client.Reconnect();
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(15u)]
    [InlineData(16u + 16 + (1 << 20) + 1)]
    [InlineData(uint.MaxValue)]
    public void A_size_that_no_message_has_ends_the_connection(uint size)
    {
        using ServedClient client = ServedClient.OfUser();

        client.Send(ServerCommand.RegionWrite, [], size: size);

        client.Receive().Should().BeNull();
        client.Reconnect();
    }

    [Fact]
    public void Who_ends_in_the_middle_of_a_message_harms_nobody()
    {
        using ServedClient client = ServedClient.OfUser();

        client.Send(ServerCommand.DeviceReset, [1, 2, 3], size: 64);
        client.EndSending();

        client.Receive().Should().BeNull();
        client.Reconnect();
    }

    [Fact]
    public void Who_stops_in_the_middle_of_a_message_is_sent_away()
    {
        using ServedClient client = ServedClient.OfUser();

        client.SendRaw([1, 0, 4]);
        client.PassUntilAnswered(TimeSpan.FromSeconds(1));

        client.Receive().Should().BeNull();
        client.Reconnect();
    }

    [Fact]
    public void Who_sent_many_messages_at_once_may_say_nothing_for_as_long_as_he_likes()
    {
        using ServedClient client = ServedClient.OfSilicon();
        for (int burst = 0; burst < 20; burst++)
        {
            for (int i = 0; i < 6; i++)
            {
                client.Send(ServerCommand.DeviceGetInfo, Argument.Of([16, 0, 0, 0]));
            }

            for (int i = 0; i < 6; i++)
            {
                client.Receive().Should().NotBeNull();
            }

            client.HasAnswer(microseconds: 10_000).Should().BeFalse("all is answered");
            client.Wall.Advance(TimeSpan.FromMinutes(1));
        }

        client.Ask(ServerCommand.DeviceGetInfo, 16, 0, 0, 0).Error.Should().Be(0);
    }

    [Fact]
    public void A_message_may_come_byte_by_byte()
    {
        using ServedClient client = ServedClient.OfUser();

        foreach (byte value in (byte[])[9, 0, 4, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. Argument.Of([16, 0, 0, 0])])
        {
            client.SendRaw([value]);
        }

        client.Receive()!.Id.Should().Be(9);
    }

    [Fact]
    public void Commands_may_come_before_their_replies_and_are_answered_in_order()
    {
        using ServedClient client = ServedClient.OfUser();

        ushort[] sent = [.. Enumerable.Range(0, 50).Select(_ => client.Send(ServerCommand.DeviceGetInfo, Argument.Of([16, 0, 0, 0])))];

        sent.Select(_ => client.Receive()!.Id).ToArray().Should().Equal(sent);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Too_short_a_payload_is_refused(ServedAs what)
    {
        using ServedClient client = ServedClient.Of(what);

        foreach ((ServerCommand command, int least) in new[]
        {
            (ServerCommand.DmaMap, 32), (ServerCommand.DmaUnmap, 24), (ServerCommand.DeviceGetInfo, 16),
            (ServerCommand.DeviceGetRegionInfo, 32), (ServerCommand.DeviceGetRegionIoFds, 16),
            (ServerCommand.DeviceGetIrqInfo, 16), (ServerCommand.DeviceSetIrqs, 20), (ServerCommand.RegionRead, 16),
            (ServerCommand.RegionWrite, 16), (ServerCommand.RegionWriteMulti, 8), (ServerCommand.DeviceFeature, 8),
        })
        {
            byte[] payload = Argument.Of([(uint)least], room: least - 5);
            client.Ask(command, payload).Error.Should().Be(Errno.EINVAL, command.ToString());
            client.Ask(command, Array.Empty<byte>()).Error.Should().Be(Errno.EINVAL, command.ToString());
        }
    }

    [Fact]
    public void Memory_is_mapped_once_and_unmapped_as_it_was_mapped()
    {
        using ServedClient client = ServedClient.OfUser();

        Map(client, 0x10000, 0x2000).Error.Should().Be(0);
        Map(client, 0x12000, 0x1000).Error.Should().Be(0);
        Map(client, 0x11000, 0x1000).Error.Should().Be(Errno.EEXIST);
        Map(client, 0xf000, 0x2000).Error.Should().Be(Errno.EEXIST);
        Map(client, 0x10000, 0x2000).Error.Should().Be(Errno.EEXIST);
        Map(client, 0xf000, 0x10000).Error.Should().Be(Errno.EEXIST);
        Unmap(client, 0x10000, 0x1000).Error.Should().Be(Errno.ENOENT);
        Unmap(client, 0x11000, 0x1000).Error.Should().Be(Errno.ENOENT);
        Unmap(client, 0x10000, 0x2000).Words.Should().Equal(24, 0, 0x10000, 0, 0x2000, 0);
        Map(client, 0x11000, 0x1000).Error.Should().Be(0);
    }

    [Theory]
    [InlineData(0x10000u, 0u, Readable)]
    [InlineData(0x10800u, 0x1000u, Readable)]
    [InlineData(0x10000u, 0x1001u, Readable)]
    [InlineData(0x10000u, 0x1000u, 4u)]
    public void A_window_that_makes_no_sense_is_refused(uint address, uint size, uint flags)
    {
        using ServedClient client = ServedClient.OfUser();

        client.Ask(ServerCommand.DmaMap, 32, flags, 0, 0, address, 0, size, 0).Error.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void A_window_up_to_the_very_end_is_one_and_beyond_it_none()
    {
        using ServedClient client = ServedClient.OfUser();

        client.Ask(ServerCommand.DmaMap, 32, Readable, 0, 0, 0xfffff000, 0xffffffff, 0x2000, 0).Error.Should().Be(Errno.EINVAL);
        client.Ask(ServerCommand.DmaMap, 32, Readable, 0, 0, 0xfffff000, 0xffffffff, 0x1000, 0).Error.Should().Be(0);
    }

    [Fact]
    public void All_is_unmapped_at_once_on_demand()
    {
        using ServedClient client = ServedClient.OfUser();
        Map(client, 0x10000, 0x2000);
        Map(client, 0x20000, 0x2000);

        client.Ask(ServerCommand.DmaUnmap, 24, All, 0x10000, 0, 0, 0).Error.Should().Be(Errno.EINVAL);
        client.Ask(ServerCommand.DmaUnmap, 24, All, 0, 0, 0, 0).Error.Should().Be(0);

        Map(client, 0x10000, 0x20000).Error.Should().Be(0);
    }

    [Fact]
    public void The_windows_of_a_client_go_with_it()
    {
        using ServedClient client = ServedClient.OfUser();
        Map(client, 0x10000, 0x2000);

        client.Reconnect();

        Map(client, 0x10000, 0x2000).Error.Should().Be(0);
    }

    [Theory]
    [InlineData(ServerCommand.DmaMap)]
    [InlineData(ServerCommand.DeviceGetInfo)] // which has no use for one
    public void Descriptors_that_are_not_kept_are_closed(ServerCommand command)
    {
        using ServedClient client = ServedClient.OfUser();
        (Socket ours, int sent) = Descriptors.NewPair();

        client.Ask(command, Argument.Of([32, Readable | Writable, 0, 0, 0x10000, 0, 0x1000, 0]), sent);
        Descriptors.Close(sent);

        ours.Receive(new byte[1]).Should().Be(0, "nobody has the other end any more");
        ours.Dispose();
    }

    [Fact]
    public void More_descriptors_than_agreed_end_the_connection()
    {
        using ServedClient client = ServedClient.OfUser();
        int[] eventFds = [.. Enumerable.Range(0, 17).Select(_ => Descriptors.NewEventFd())];

        client.Send(ServerCommand.DeviceGetInfo, Argument.Of([16, 0, 0, 0]), descriptors: eventFds);

        client.Receive().Should().BeNull();
        Array.ForEach(eventFds, Descriptors.Close);
        client.Reconnect();
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void The_socket_is_its_owners()
    {
        using ServedClient client = ServedClient.OfUser();

        File.GetUnixFileMode(client.SocketPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void The_socket_goes_with_the_server_and_one_that_was_left_is_taken()
    {
        string path;
        using (ServedClient client = ServedClient.OfUser())
        {
            path = client.SocketPath;
            FluentActions.Invoking(() => new VfioUserServer(new VfioUserOptions { SocketPath = path, Wall = client.Wall }))
                .Should().Throw<IOException>("somebody listens there").WithMessage($"{path}*");
        }

        File.Exists(path).Should().BeFalse();
        string left = Path.Combine(Path.GetTempPath(), $"vfio-pm-left-{Environment.ProcessId}");
        using (var abandoned = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            abandoned.Bind(new UnixDomainSocketEndPoint(left));
        }

        new VfioUserServer(new VfioUserOptions { SocketPath = left, Wall = new FakeTimeProvider() }).Dispose();
        File.WriteAllText(left, "precious");
        FluentActions.Invoking(() => new VfioUserServer(new VfioUserOptions { SocketPath = left, Wall = new FakeTimeProvider() }))
            .Should().Throw<IOException>();
        File.ReadAllText(left).Should().Be("precious");
        File.Delete(left);
    }

    [Fact]
    public async Task A_server_for_one_client_ends_with_it()
    {
        string path = Path.Combine(Path.GetTempPath(), $"vfio-pm-once-{Environment.ProcessId}");
        using var server = new VfioUserServer(new VfioUserOptions { SocketPath = path, Wall = new FakeTimeProvider(), Once = true });
        Task running = server.Run(TestContext.Current.CancellationToken);
        using (var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            client.Connect(new UnixDomainSocketEndPoint(path));
        }

        await running;
    }

    private static ServerReply Map(ServedClient client, uint address, uint size) =>
        client.Ask(ServerCommand.DmaMap, 32, Readable | Writable, 0, 0, address, 0, size, 0);

    private static ServerReply Unmap(ServedClient client, uint address, uint size) =>
        client.Ask(ServerCommand.DmaUnmap, 24, 0, address, 0, size, 0);
}
