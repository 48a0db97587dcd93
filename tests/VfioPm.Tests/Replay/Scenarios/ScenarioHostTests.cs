using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>Operations of the language on somebody's own host.</summary>
public sealed class ScenarioHostTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);
    private readonly VfioDeviceFile _device;
    private readonly ScenarioHost _console;

    public ScenarioHostTests()
    {
        PciDevice port = _host.AddRootPort("0000:00:03.0", static setup => setup.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        _device = _host.VfioPci.Bind(nic).Open();
        _console = new ScenarioHost(
            _host, new Dictionary<string, string> { ["rp"] = "0000:00:03.0", ["ep"] = "0000:01:00.0" });
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void An_event_has_what_was_asked_what_was_answered_and_the_state_of_every_function()
    {
        JsonObject played = Do("sysfs_read ep power_state");

        played["op"]!.ToString().Should().Be("sysfs_read");
        played["bdf"]!.ToString().Should().Be("0000:01:00.0");
        played["ret"]!.GetValue<int>().Should().Be(3);
        played["value"]!.ToString().Should().Be("D0");
        played["state"]!.AsObject().Select(state => state.Key).Should().Equal("0000:00:03.0", "0000:01:00.0");
        played["state"]!["0000:01:00.0"]!["usage"]!.GetValue<int>().Should().Be(1);
    }

    [Fact]
    public void Events_are_numbered_and_only_what_takes_time_lets_it_pass()
    {
        JsonObject first = Do("sysfs_write ep d3cold_allowed 0");
        JsonObject second = Do("sleep 100");
        JsonObject third = Do("host_cfg_read ep 0 4");

        new[] { first, second, third }.Select(each => each["i"]!.GetValue<int>()).Should().Equal(0, 1, 2);
        (second["t1"]!.GetValue<long>() - second["t0"]!.GetValue<long>()).Should().Be(100);
        third["t0"]!.GetValue<long>().Should().Be(third["t1"]!.GetValue<long>());
    }

    [Fact]
    public void What_happens_between_two_operations_is_in_the_trace_of_the_second()
    {
        Do("sleep 0");
        _device.Feature(new VfioFeatureRequest(VfioFeature.LowPowerEntry, VfioFeatureFlags.Set));
        _host.Clock.Advance(TimeSpan.FromSeconds(1));

        LinesOf(Do("sleep 0")).Should().Contain(line => line.StartsWith("rpm_suspend 0000:00:03.0", StringComparison.Ordinal));
        LinesOf(Do("sleep 0")).Should().BeEmpty();
    }

    [Fact]
    public void What_somebody_else_does_can_be_an_event_too()
    {
        JsonObject asked = new() { ["op"] = "cfg_read", ["bdf"] = "0000:01:00.0", ["off"] = 0, ["len"] = 2 };
        byte[] bytes = new byte[2];

        JsonObject played = _console.Record(asked, () => new JsonObject
        {
            ["ret"] = _device.Config.TryRead(0, bytes).Value,
            ["data"] = Convert.ToHexStringLower(bytes),
        });

        played.Select(field => field.Key).Should().Equal("i", "t0", "t1", "op", "bdf", "off", "len", "ret", "data", "state", "rpm");
        played["data"]!.ToString().Should().Be("8680");
    }

    [Fact]
    public void The_device_of_somebody_else_can_be_asked_through_the_language()
    {
        Do("cfg_read ep 0 4")["data"]!.ToString().Should().Be("8680d310");
        Do("pme ep")["sent"]!.GetValue<bool>().Should().BeFalse("this function supports no PME#");
        Do("irq ep intx")["sent"]!.GetValue<bool>().Should().BeTrue();
        Do("irq ep intx off")["sent"]!.GetValue<bool>().Should().BeFalse();
        Do("irq ep msi 0")["sent"]!.GetValue<bool>().Should().BeFalse("nobody has enabled MSI");
    }

    [Theory]
    [InlineData("cfg_read rp 0 4", "0000:00:03.0 is not open")]
    [InlineData("mmap_read ep M 0 4", "BAR 0 is not mapped at 0x0 in the model")]
    [InlineData("munmap ep", "nothing of 0000:01:00.0 is mapped")]
    [InlineData("unbind ep", "0000:01:00.0 is open")]
    [InlineData("open ep", "0000:01:00.0 is open")]
    [InlineData("sysfs_write rp reset 1", "0000:00:03.0 has no way to be reset")]
    [InlineData("cfg_read ep CAP0d 4", "ep has no such capability")]
    [InlineData("host_cfg_read 0000:07:00.0 0 4", "there is no 0000:07:00.0")]
    public void What_cannot_be_tried_leaves_no_event_and_changes_nothing(string line, string obstacle)
    {
        ulong before = _host.ComputeStateHash();

        ScenarioResult result = _console.Do(_console.Read(line).Single());

        result.Should().Be(new ScenarioResult(null, obstacle));
        _host.ComputeStateHash().Should().Be(before);
    }

    [Fact]
    public void A_mistake_is_told_with_the_names_of_the_host() =>
        FluentActions.Invoking(() => _console.Read("sysfs_read nic power_state", number: 3))
            .Should().Throw<ScenarioException>()
            .WithMessage("line:3:12: expected a function: rp, ep, or an address, found \"nic\"");

    private JsonObject Do(string line) => _console.Do(_console.Read(line).Single()).Event!;

    private static IEnumerable<string> LinesOf(JsonObject played) => played["rpm"]!.AsArray().Select(line => line!.ToString());
}
