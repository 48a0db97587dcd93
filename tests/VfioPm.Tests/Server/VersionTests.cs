using System.Text;

namespace VfioPm.Tests;

// vfio-user.rst, VFIO_USER_VERSION.
public sealed class VersionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    public void The_answer_is_version_0_0_and_a_text_that_ends_with_a_NUL(ushort minor)
    {
        using var client = new ServedClient();

        ServerReply reply = client.Greet(minor: minor);

        reply.Error.Should().Be(0);
        reply.Payload[..4].Should().Equal(0, 0, 0, 0);
        Encoding.UTF8.GetString(reply.Payload[4..]).Should().Be(
            """{"capabilities":{"max_msg_fds":16,"max_data_xfer_size":1048576,"write_multiple":true}}""" + '\0');
    }

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("""{"capabilities":{}}""", "{}")]
    [InlineData("""{"capabilities":{"max_dma_maps":9,"pgsizes":4096}}""", """{"max_dma_maps":65535,"pgsizes":4096}""")]
    [InlineData("""{"capabilities":{"twin_socket":{"supported":true},"later":1}}""", "{}")]
    public void Only_what_was_proposed_is_answered(string proposed, string answered)
    {
        using var client = new ServedClient();

        Encoding.UTF8.GetString(client.Greet(proposed).Payload[4..]).Should().Be($$"""{"capabilities":{{answered}}}""" + '\0');
    }

    [Fact]
    public void Without_data_the_usual_is_agreed_on()
    {
        using var client = new ServedClient();

        client.Ask(ServerCommand.Version, [0, 0, 0, 0]).Error.Should().Be(0);
        client.Ask(ServerCommand.DeviceGetInfo, 16, 0, 0, 0).Error.Should().Be(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"capabilities":7}""")]
    [InlineData("""{"capabilities":{"max_msg_fds":"many"}}""")]
    [InlineData("""{"capabilities":{"max_data_xfer_size":-1}}""")]
    [InlineData("""{"capabilities":{"write_multiple":1}}""")]
    [InlineData("""{"capabilities":{"pgsizes":1,"pgsizes":2}}""")]
    public void Data_that_is_none_ends_the_connection(string data)
    {
        using var client = new ServedClient();

        client.Greet(data).Error.Should().Be(Errno.EINVAL);
        client.Receive().Should().BeNull();
        client.Reconnect();
    }

    [Fact]
    public void Data_without_a_NUL_ends_the_connection()
    {
        using var client = new ServedClient();

        client.Ask(ServerCommand.Version, [0, 0, 0, 0, (byte)'{', (byte)'}']).Error.Should().Be(Errno.EINVAL);
        client.Receive().Should().BeNull();
    }

    [Fact]
    public void Another_major_version_ends_the_connection()
    {
        using var client = new ServedClient();

        client.Ask(ServerCommand.Version, [1, 0, 0, 0]).Error.Should().Be(Errno.EINVAL);
        client.Receive().Should().BeNull();
    }

    [Fact]
    public void Who_does_not_greet_is_sent_away()
    {
        using var client = new ServedClient();

        client.Ask(ServerCommand.DeviceGetInfo, 16, 0, 0, 0).Error.Should().Be(Errno.EINVAL);
        client.Receive().Should().BeNull();
        client.Reconnect();
    }

    [Fact]
    public void Who_says_nothing_is_sent_away_after_ten_seconds()
    {
        using var client = new ServedClient();

        // The server may look at its clock only after this has moved it.
        client.PassUntilAnswered(TimeSpan.FromSeconds(1));

        client.Receive().Should().BeNull();
        (client.Wall.GetUtcNow() - client.Wall.Start).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10));
        client.Reconnect();
    }

    [Fact]
    public void Several_writes_in_one_message_are_for_who_agreed_on_them()
    {
        using var client = new ServedClient();
        client.Greet("{}");

        client.Ask(ServerCommand.RegionWriteMulti, 0, 0).Error.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void No_transfer_is_longer_than_agreed()
    {
        using var client = new ServedClient();
        client.Greet("""{"capabilities":{"max_data_xfer_size":64}}""");

        client.Ask(ServerCommand.RegionRead, 0, 0, 7, 64).Payload.Should().HaveCount(16 + 64);
        client.Ask(ServerCommand.RegionRead, 0, 0, 7, 65).Error.Should().Be(Errno.EINVAL);
    }
}
