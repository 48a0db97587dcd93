using VfioPm.Server;

namespace VfioPm.Tests;

/// <summary>Rubbish harms nobody: each of many messages that were changed at random is answered, or ends the connection.</summary>
public sealed class MutatedMessageTests
{
    private const int Seed = 14;

    private static readonly int Messages = LongRun.Times(5000);

    private static readonly (ServerCommand Command, byte[] Payload)[] Sound =
    [
        (ServerCommand.DmaMap, Argument.Of([32, 3, 0, 0, 0x10000, 0, 0x1000, 0])),
        (ServerCommand.DmaUnmap, Argument.Of([24, 0, 0x10000, 0, 0x1000, 0])),
        (ServerCommand.DeviceGetInfo, Argument.Of([16, 0, 0, 0])),
        (ServerCommand.DeviceGetRegionInfo, Argument.Of([32, 0, 3, 0, 0, 0, 0, 0])),
        (ServerCommand.DeviceGetRegionIoFds, Argument.Of([16, 0, 0, 0])),
        (ServerCommand.DeviceGetIrqInfo, Argument.Of([16, 0, 1, 0])),
        (ServerCommand.DeviceSetIrqs, Argument.Of([20, 0x21, 1, 0, 0])),
        (ServerCommand.DeviceSetIrqs, Argument.Of([24, 0x24, 2, 0, 1])),
        (ServerCommand.RegionRead, Argument.Of([0xcc, 0, 7, 4])),
        (ServerCommand.RegionRead, Argument.Of([0, 0, 0, 64])),
        (ServerCommand.RegionWrite, [.. Argument.Of([0xcc, 0, 7, 2]), 3, 0]),
        (ServerCommand.RegionWrite, [.. Argument.Of([0xcc, 0, 7, 2]), 0, 0]),
        (ServerCommand.RegionWrite, [.. Argument.Of([4, 0, 7, 2]), 6, 0]),
        (ServerCommand.RegionWriteMulti, Argument.Of([1, 0, 4, 0, 7, 2, 6, 0])),
        (ServerCommand.DeviceFeature, Argument.Of([8, 3 | (1 << 18)])),
        (ServerCommand.DeviceFeature, Argument.Of([8, 5 | (1 << 17)])),
        (ServerCommand.DeviceReset, []),
        (ServerCommand.MigrationDataRead, Argument.Of([8, 8])),
    ];

    [Theory]
    [InlineData(ServedAs.User)]
    [InlineData(ServedAs.Silicon)]
    public void Every_one_is_answered_or_ends_the_connection_and_the_next_client_is_welcome(ServedAs what)
    {
        using ServedClient client = ServedClient.Of(what);
        var random = new Random(Seed);
        int answered = 0;
        int ended = 0;

        for (int i = 0; i < Messages; i++)
        {
            (byte[] bytes, bool isWhole, bool wantsReply) = Mutate(random);
            if (!client.TrySendRaw(bytes))
            {
                // Who wanted no reply does not see that the connection has ended.
                ended++;
                client.Reconnect();
                continue;
            }

            if (!isWhole)
            {
                client.EndSending();
            }
            else if (!wantsReply)
            {
                continue;
            }

            client.PassUntilAnswered(TimeSpan.FromMilliseconds(100));
            if (client.Receive() is not null && isWhole)
            {
                answered++;
            }
            else
            {
                ended++;
                client.Reconnect();
            }
        }

        (answered > Messages / 2).Should().BeTrue($"{answered} were answered");
        (ended > Messages / 20).Should().BeTrue($"{ended} ended the connection");
        client.Reconnect();
        client.AskAndWait(ServerCommand.DeviceGetInfo, Argument.Of([16, 0, 0, 0])).Words.Should().Equal(16, 3, 9, 5);
    }

    /// <summary>A sound message with one to three bytes, or its length, changed.</summary>
    private static (byte[] Bytes, bool IsWhole, bool WantsReply) Mutate(Random random)
    {
        (ServerCommand command, byte[] payload) = Sound[random.Next(Sound.Length)];
        byte[] bytes =
        [
            1, 0, (byte)command, 0, .. BitConverter.GetBytes(16 + payload.Length), 0, 0, 0, 0, 0, 0, 0, 0, .. payload,
        ];
        if (random.Next(16) == 0)
        {
            Array.Resize(ref bytes, random.Next(8, bytes.Length + 16));
        }

        for (int i = random.Next(1, 4); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)0xff : (byte)random.Next(256);
        }

        return (
            bytes,
            bytes.Length >= 16 && BitConverter.ToUInt32(bytes, 4) == bytes.Length,
            bytes.Length < 12 || (bytes[8] & ServedClient.NoReply) == 0);
    }
}
