using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using VfioPm.Server;

namespace VfioPm.Tests;

// --control: the host's administrator.
public sealed class ControlTests
{
    [Fact]
    public void A_line_of_the_scenario_language_is_an_event_of_a_recording()
    {
        using ServedClient client = ServedClient.WithControl();
        using Socket control = client.ConnectToControl();

        JsonObject read = Ask(control, "sysfs_read ep power_state");

        ((string?)read["op"], (string?)read["bdf"], (string?)read["value"], (int?)read["ret"])
            .Should().Be(("sysfs_read", "0000:01:00.0", "D0", 3));
        ((string?)read["state"]!["0000:00:03.0"]!["rs"]).Should().Be("active");
        ((string?)Ask(control, "host_cfg_read ep 0 4")["data"]).Should().Be("8680d310");
    }

    [Theory]
    [InlineData("nonsense ep")]
    [InlineData("sysfs_read")]
    [InlineData("irq ep")]
    [InlineData("irq ep msi 2048")]
    [InlineData("irq ep msi -1")]
    public void A_mistake_is_told_and_changes_nothing(string line)
    {
        using ServedClient client = ServedClient.WithControl();
        using Socket control = client.ConnectToControl();

        ((string?)Ask(control, line)["error"]).Should().NotBeNullOrEmpty();
        ((int?)Ask(control, "sysfs_read ep power_state")["i"]).Should().Be(0);
    }

    [Fact]
    public void What_the_function_signals_of_its_own_accord_reaches_the_client()
    {
        using ServedClient client = ServedClient.WithControl();
        using Socket control = client.ConnectToControl();
        int eventFd = Descriptors.NewEventFd();
        client.Ask(ServerCommand.RegionWrite, [.. Argument.Of([4, 0, 7, 2]), 6, 0]);

        ((bool?)Ask(control, "irq ep msi 0")["sent"]).Should().Be(false, "nobody has set it up");
        client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([24, 0x24, 1, 0, 1]), eventFd).Error.Should().Be(0);
        ((bool?)Ask(control, "irq ep msi 0")["sent"]).Should().Be(true);

        Descriptors.Take(eventFd).Should().Be(1);
        Descriptors.Close(eventFd);
    }

    [Theory]
    [InlineData("msi", 1u)]
    [InlineData("msix", 2u)]
    public void Messages_of_silicon_go_where_its_client_has_them(string kind, uint index)
    {
        using ServedClient client = ServedClient.WithControl(ServedAs.Silicon);
        using Socket control = client.ConnectToControl();
        int eventFd = Descriptors.NewEventFd();
        uint messageControl = index == 1 ? 0xd2u : 0xa2u;
        client.Ask(ServerCommand.RegionWrite, [.. Argument.Of([4, 0, 7, 2]), 6, 0]);
        client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([24, 0x24, index, 0, 1]), eventFd).Error.Should().Be(0);

        ((bool?)Ask(control, $"irq ep {kind} 0")["sent"]).Should().Be(false, "it is not enabled");
        client.Ask(ServerCommand.RegionWrite, [.. Argument.Of([messageControl, 0, 7, 2]), (byte)(index == 1 ? 1 : 0), (byte)(index == 2 ? 0x80 : 0)]);
        ((bool?)Ask(control, $"irq ep {kind} 0")["sent"]).Should().Be(true);

        Descriptors.Take(eventFd).Should().Be(1);
        Descriptors.Close(eventFd);
    }

    [Fact]
    public void The_pin_of_silicon_is_the_clients_to_follow()
    {
        using ServedClient client = ServedClient.WithControl(ServedAs.Silicon);
        using Socket control = client.ConnectToControl();
        int eventFd = Descriptors.NewEventFd();
        client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([24, 0x24, 0, 0, 1]), eventFd).Error.Should().Be(0);

        ((bool?)Ask(control, "irq ep intx")["sent"]).Should().Be(true);
        ((bool?)Ask(control, "irq ep intx off")["sent"]).Should().Be(false);

        Descriptors.Take(eventFd).Should().Be(1);
        Descriptors.Close(eventFd);
    }

    [Fact]
    public void The_client_is_asked_for_a_device_that_the_host_wants_back()
    {
        using ServedClient client = ServedClient.WithControl();
        using Socket control = client.ConnectToControl();
        int eventFd = Descriptors.NewEventFd();
        client.Ask(ServerCommand.DeviceSetIrqs, Argument.Of([24, 0x24, 4, 0, 1]), eventFd).Error.Should().Be(0);

        ((int?)Ask(control, "remove ep")["ret"]).Should().Be(0);

        Descriptors.Take(eventFd).Should().Be(1);
        Descriptors.Close(eventFd);
    }

    private static JsonObject Ask(Socket control, string line)
    {
        control.Send(Encoding.UTF8.GetBytes(line + '\n'));
        List<byte> answer = [];
        byte[] one = new byte[1];
        while (control.Receive(one) == 1 && one[0] != '\n')
        {
            answer.Add(one[0]);
        }

        return JsonNode.Parse(answer.ToArray())!.AsObject();
    }
}
