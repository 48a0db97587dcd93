using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>A device that a test gave a name is called so in all that people read.</summary>
public sealed class AliasTests
{
    private const string Title = "gpu (0000:01:00.0)";

    private readonly PictureMachine _machine = new();

    public AliasTests()
    {
        _machine.Host.Trace.KeepReasons();
        _machine.Nic.Alias = "gpu";
        _machine.Port.Alias = "slot 1";
    }

    [Fact]
    public void A_failure_names_it_everywhere()
    {
        _machine.Host.VfioPci.Bind(_machine.Nic).Open();

        Verdict verdict = PciDeviceCheck.IsIn(_machine.Nic, PowerState.D3Cold).Within(TimeSpan.FromSeconds(1));

        verdict.ToString().Should().StartWith($"Expected {Title} to be in D3cold within 1.000 s, but after 1.000 s it is in D0.")
            .And.Contain($"{Title} is held by a usage count of 1")
            .And.Contain("slot 1 (0000:00:03.0): D0, Active, usage 0")
            .And.Contain($"What happened to {Title} last:")
            .And.NotMatchRegex(@"(?<!\()0000:0[01]:0\d\.0");
    }

    [Fact]
    public void So_does_the_failure_of_a_call()
    {
        VfioDeviceFile device = _machine.Host.VfioPci.Bind(_machine.Nic).Open();

        KernelResultCheck.Succeeded(device.EnterLowPower()).Look().ToString()
            .Should().StartWith($"Expected \"user asks to permit low power\" of {Title} to succeed");
    }

    [Fact]
    public void A_timeline_and_pictures_are_asked_by_it_and_show_it()
    {
        _machine.Sleep();
        string timeline = _machine.Host.Trace.ToTimeline().Of("gpu").ToString();
        Picture picture = _machine.Host.Trace.ToPicture().Of("gpu");

        timeline.Should().Contain($"  {Title}  D0 → D3hot").And.Contain("slot 1 (0000:00:03.0): power switched off");
        foreach (PictureFormat format in PictureFormat.All)
        {
            picture.To(format).Should().Contain("gpu (0000:01:00.0)");
        }

        picture.To(PictureFormat.Svg).Should().Contain("below slot 1 (0000:00:03.0)").And.Contain("slot 1 (0000:00:03.0): power switched off");
        picture.Devices.Single().Reasons[^1].Text.Should().Contain(Title);
        picture.Invoking(drawn => drawn.Of("slot 1")).Should().Throw<ArgumentException>()
            .WithMessage($"There is no device \"slot 1\" in it, but {Title}.*");
    }

    [Fact]
    public void The_JSON_keeps_names_and_says_the_alias_once()
    {
        JsonNode devices = JsonNode.Parse(_machine.Host.Trace.ToJson())!["devices"]!;

        devices[1]!["name"]!.GetValue<string>().Should().Be(PictureMachine.NicName);
        devices[1]!["alias"]!.GetValue<string>().Should().Be("gpu");
    }

    [Fact]
    public void A_fork_has_it_and_may_change_it()
    {
        SimulatedHost fork = _machine.Host.Fork();

        fork[PictureMachine.NicName].Alias.Should().Be("gpu");
        fork[PictureMachine.NicName].Alias = "card";
        _machine.Nic.Alias.Should().Be("gpu");
    }

    [Fact]
    public void Nothing_else_depends_on_it()
    {
        PictureMachine other = new();

        _machine.Host.ComputeStateHash().Should().Be(other.Host.ComputeStateHash());
    }
}
