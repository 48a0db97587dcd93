using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using VfioPm.Server;

namespace VfioPm.Tests;

// --emit: what a client does, and the administrator, is a recording.
public sealed class ServedRecordingTests : IDisposable
{
    private const int Pmcsr = 0xcc;
    private const uint SetFeature = 1 << 17;

    private readonly StringWriter _text = new();

    public static TheoryData<string> Profiles { get; } = [.. KernelProfile.All.Select(static profile => profile.Name)];

    public void Dispose() => _text.Dispose();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void What_a_user_did_is_replayed_without_a_difference(string profile)
    {
        using (ServedClient client = Greeted(options => options with { Profile = KernelProfile.Parse(profile) }))
        {
            int eventFd = Descriptors.NewEventFd();
            AskForEverything(client);
            Write(client, 7, PciRegisters.Command, 6, 0);
            Write(client, 0, 0x100, 1, 2, 3, 4);
            client.Ask(ServerCommand.RegionRead, 0x100, 0, 0, 4).Payload[^1].Should().Be(4);
            client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([24, 0x24, 1, 0, 1]), eventFd).Error.Should().Be(0);
            client.Ask(ServerCommand.DeviceSetIrqs, 20, 0x21, 1, 0, 0).Error.Should().Be(0);
            client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([24, 0x24, 2, 0, 1]), eventFd).Error.Should().Be(0);
            client.Ask(ServerCommand.DeviceFeature, 8, 1 | SetFeature);
            Write(client, 7, Pmcsr, 3, 0);
            client.Wall.Advance(TimeSpan.FromSeconds(2));
            Write(client, 7, Pmcsr, 0, 0);
            client.AskAndWait(ServerCommand.DeviceFeature, Argument.Of([12, 4 | SetFeature, uint.MaxValue]));
            client.AskAndWait(ServerCommand.DeviceFeature, Argument.Of([8, 3 | SetFeature]));
            client.Wall.Advance(TimeSpan.FromSeconds(2));
            client.AskAndWait(ServerCommand.RegionRead, Argument.Of([0, 0, 7, 4])).Error.Should().Be(0);
            client.AskAndWait(ServerCommand.DeviceReset, []).Error.Should().Be(0);
            client.AskAndWait(ServerCommand.RegionRead, Argument.Of([0x30000, 0, 0, 4])).Error.Should().Be(Errno.EINVAL);
            Descriptors.Close(eventFd);
        }

        Recording recording = Recorded();
        recording.Events.Select(OperationOf).Should().ContainInConsecutiveOrder("bind", "open", "info");
        recording.Events.Select(OperationOf).Should().Contain(["set_irqs", "feature", "reset", "bar_read", "cfg_write"]).And.EndWith("close");
        ShouldReplay(recording);
        Scenario.Of(recording).Steps.Should().HaveCount(recording.Events.Count, "it is a scenario too");
    }

    [Theory]
    [InlineData("")]
    [InlineData("SilenceAfterPowerOn=300,KeepsRegistersOverD3Hot")]
    [InlineData("SilenceAfterD3Hot=forever")]
    public void What_happened_to_silicon_is_replayed_without_a_difference(string behavior)
    {
        string[] deviations = behavior.Split(',', StringSplitOptions.RemoveEmptyEntries);
        using (ServedClient client = Greeted(options => options with
        {
            As = ServedAs.Silicon,
            Behavior = BehaviorNames.Parse(deviations),
        }))
        {
            client.Ask(ServerCommand.RegionRead, 0, 0, 6, 0x40000).Error.Should().Be(0, "QEMU reads a ROM at once");
            Write(client, 7, PciRegisters.Command, 6, 0);
            Write(client, 0, 0x101, 1, 2, 3, 4, 5, 6);
            client.Ask(ServerCommand.DeviceReset);
            Write(client, 7, Pmcsr, 3, 0);
            client.Ask(ServerCommand.DeviceReset);
            client.Ask(ServerCommand.RegionRead, 0, 0, 7, 4);
            client.Wall.Advance(TimeSpan.FromSeconds(1));
            client.Ask(ServerCommand.RegionRead, 0x101, 0, 0, 6);
            client.Ask(ServerCommand.RegionRead, 4, 0, 7, 2);
        }

        Recording recording = Recorded();
        recording.Header["platform"]![1]!["silicon"]!.AsArray().Select(static name => name!.ToString())
            .Should().BeEquivalentTo(deviations);
        recording.Events.Select(OperationOf).Should().Equal(
            "cycle_read", "cycle_write", "cycle_write", "bus_reset", "cycle_write", "power_cycle", "cycle_read", "cycle_read", "cycle_read");
        ShouldReplay(recording);
        Scenario.Of(recording).Steps.Should().HaveCount(recording.Events.Count);
    }

    [Fact]
    public void What_the_administrator_does_while_a_client_waits_is_at_the_same_time_in_the_recording()
    {
        using (ServedClient client = Greeted(static options => options with
        {
            Profile = KernelProfile.RfcV1,
            ControlPath = ServedClient.ControlPathOf(options.SocketPath),
        }))
        {
            using Socket control = client.ConnectToControl();
            Write(client, 7, Pmcsr, 3, 0);
            client.Wall.Advance(TimeSpan.FromSeconds(2));
            AskControl(control, "sysfs_read rp power_state");
            client.Send(ServerCommand.RegionWrite, [.. Argument.Of([Pmcsr, 0, 7, 2]), 0, 0]);
            client.AwaitCallUnderWay();
            client.Wall.Advance(TimeSpan.FromMilliseconds(20));
            AskControl(control, "sysfs_read rp power/runtime_status");
            client.Wall.Advance(TimeSpan.FromMilliseconds(20));
            TimeSpan asked = client.Host.Clock.Now;
            control.Send("host_cfg_read rp 0 4\n"u8);
            SpinWait.SpinUntil(() => client.Host.Clock.Now > asked);
            client.PassUntilAnswered(TimeSpan.FromMilliseconds(1));
            client.Receive()!.Error.Should().Be(0);

            // The server may begin to wait for the wall only now, and then for as long again.
            client.PassUntilAnswered(control, TimeSpan.FromMilliseconds(20));
            ReadLine(control);
            AskControl(control, "irq ep intx");
            AskControl(control, "nonsense");
        }

        Recording recording = Recorded();
        recording.Events.Select(OperationOf).Should().Equal("bind", "open", "cfg_write", "sysfs_read", "par", "irq", "close");
        JsonArray threads = recording.Events[4]["threads"]!.AsArray();
        threads.Select(thread => string.Join(' ', thread!.AsArray().Select(call => $"{call!["op"]}@{call["at"]}")))
            .Should().Equal("cfg_write@0", "sysfs_read@20 host_cfg_read@40");
        ((string?)threads[1]![0]!["value"]).Should().Be("resuming");
        ShouldReplay(recording);
    }

    [Fact]
    public void Who_takes_the_device_back_waits_as_long_as_the_client_has_it()
    {
        using (ServedClient client = Greeted(static options => options with
        {
            Profile = KernelProfile.Linux6_1,
            ControlPath = ServedClient.ControlPathOf(options.SocketPath),
        }))
        {
            using Socket control = client.ConnectToControl();
            AskControl(control, "remove ep");
            client.Wall.Advance(TimeSpan.FromSeconds(1));
            client.Ask(ServerCommand.RegionRead, 0, 0, 7, 4).Error.Should().Be(0);
        }

        Recording recording = Recorded();
        recording.Events.Select(OperationOf).Should().Equal("bind", "open", "par");
        recording.Events[2]["threads"]!.AsArray().Select(thread => string.Join(' ', thread!.AsArray().Select(call => $"{call!["op"]}")))
            .Should().Equal("cfg_read close", "unbind");
        ShouldReplay(recording);
    }

    [Fact]
    public void A_disk_that_is_full_when_an_alarm_writes_ends_the_server_and_no_more()
    {
        using FullDisk disk = new();
        ServedClient client = new(options => options with { Profile = KernelProfile.RfcV1, Recording = disk });
        client.Greet().Error.Should().Be(0);
        Write(client, 7, Pmcsr, 3, 0);
        client.Wall.Advance(TimeSpan.FromSeconds(2));
        client.Send(ServerCommand.RegionWrite, [.. Argument.Of([Pmcsr, 0, 7, 2]), 0, 0]);
        client.AwaitCallUnderWay();

        disk.IsFull = true;
        client.Wall.Advance(TimeSpan.FromSeconds(1));

        client.Receive().Should().BeNull("the connection is ended");
        FluentActions.Invoking(client.Dispose).Should().Throw<IOException>().WithMessage("No space left on device");
    }

    private static string OperationOf(JsonObject happened) => happened["op"]!.GetValue<string>();

    private static void AskForEverything(ServedClient client)
    {
        client.Ask(ServerCommand.DeviceGetInfo, 16, 0, 0, 0).Error.Should().Be(0);
        for (uint i = 0; i < 9; i++)
        {
            client.Ask(ServerCommand.DeviceGetRegionInfo, 32, 0, i, 0, 0, 0, 0, 0);
            client.Ask(ServerCommand.DeviceGetIrqInfo, 16, 0, i, 0);
        }

        client.Ask(ServerCommand.RegionRead, 0, 0, 7, 4096).Error.Should().Be(0);
    }

    private static void Write(ServedClient client, uint region, uint offset, params byte[] bytes) => client.AskAndWait(
        ServerCommand.RegionWrite, [.. Argument.Of([offset, 0, region, (uint)bytes.Length]), .. bytes]).Error.Should().Be(0);

    private static void AskControl(Socket control, string line)
    {
        control.Send(Encoding.UTF8.GetBytes(line + '\n'));
        ReadLine(control);
    }

    private static void ReadLine(Socket control)
    {
        byte[] one = new byte[1];
        while (control.Receive(one) == 1 && one[0] != '\n')
        {
        }
    }

    private static void ShouldReplay(Recording recording) => Replay.Play(recording)
        .SelectMany(static played => played.Differences.Select(difference => $"{played.Recorded["i"]} {played.Recorded["op"]} {difference}"))
        .Should().BeEmpty();

    private ServedClient Greeted(Func<VfioUserOptions, VfioUserOptions> choose)
    {
        ServedClient client = new(options => choose(options) with { Recording = _text });
        client.Greet().Error.Should().Be(0);
        return client;
    }

    private Recording Recorded() => Recording.Read("served.jsonl", new StringReader(_text.ToString())).Single();

    private sealed class FullDisk : StringWriter
    {
        public bool IsFull { get; set; }

        public override void Write(string? value)
        {
            if (IsFull)
            {
                throw new IOException("No space left on device");
            }
        }
    }
}
