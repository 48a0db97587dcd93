using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary><c>vfio-pm replay</c> with recordings of vfio-pci.</summary>
public sealed class VfioReplayTests : ReplayTest
{
    private const string Name = "open-close";

    private static string Text => new RecordingArchive("rfc-v1/b").TextOf(Name);

    [Fact]
    public void A_changed_byte_is_found_and_its_event_is_named()
    {
        string file = Write("a.jsonl", Alter(Text, 3, static recorded => recorded["data"] = "8680d311"));

        Replay(file).Should().Be(1);

        Output.Should().Contain($"{file}: event 3 diverges")
            .And.Contain("data: recorded \"8680d311\", model \"8680d310\"");
    }

    [Fact]
    public void Of_many_bytes_it_is_said_which_differ_and_what_is_around_the_first()
    {
        string text = new RecordingArchive("rfc-v1/b").TextOf("bar-rewrite-over-power-cycle");
        string file = Write("a.jsonl", Alter(text, 5, static recorded =>
        {
            byte[] bytes = Convert.FromHexString((string)recorded["data"]!);
            (bytes[0x12], bytes[0x13], bytes[0x3c]) = (0x20, 0xfe, 0xff);
            recorded["data"] = Convert.ToHexStringLower(bytes);
        }));

        Replay(file).Should().Be(1);

        Output.Should().Contain("\n    data: 3 of 64 bytes differ, at 0x12-0x13, 0x3c: from 0xe recorded 0000000020fe000066fe, model 0000000010fd000066fe\n")
            .And.Contain("\n  event:  i=5 t0=34193 t1=34495 op=\"cfg_read\" bdf=\"0000:01:00.0\" off=0 len=64 ret=64 data=\"8680d310…\" (64 bytes)\n");
    }

    [Theory]
    [InlineData(-4.5, 1)]
    [InlineData(-3.5, 0)]
    [InlineData(7.5, 0)]
    [InlineData(8.5, 1)]
    public void A_call_that_took_longer_or_shorter_than_a_kernel_may_is_found(double milliseconds, int code)
    {
        // From D3hot to D0, and the reset of the open through both again.
        const double Open = 36;
        string file = Write("a.jsonl", Alter(
            new RecordingArchive("linux-6.1/a").TextOf(Name), 1, recorded => recorded["took"] = Open + milliseconds));

        Replay(file).Should().Be(code);

        if (code > 0)
        {
            Output.Should().Contain($"{file}: event 1 diverges").And.Contain($"took: recorded {Open + milliseconds}, model {Open}");
        }
    }

    [Fact]
    public void Where_rules_watch_what_breaks_one_is_told_with_its_event()
    {
        string file = Write("a.jsonl", new RecordingArchive("pre-rfc/a").TextOf("bar-in-d3hot"));

        Replay(file, "--rules").Should().Be(1);

        Output.Should().Contain($"{file}: event 6 breaks fence-holds\n  event:  i=6 ")
            .And.Contain("\n    a mapping of 0000:01:00.0 reaches it in D3hot\n");
        LastLine().Should().StartWith("files 1, diverging 0, ").And.EndWith("divergences 0, breaches 2");
    }

    [Fact]
    public void Rules_are_not_asked_for_by_themselves_and_hold_where_nothing_is_wrong()
    {
        Replay(Write("a.jsonl", new RecordingArchive("pre-rfc/a").TextOf("bar-in-d3hot"))).Should().Be(0);
        Replay(Write("b.jsonl", new RecordingArchive("linux-6.1/a").TextOf(Name)), "--rules").Should().Be(0);

        LastLine().Should().EndWith("divergences 0, breaches 0");
    }

    [Fact]
    public void A_changed_usage_count_is_found_and_its_event_is_named()
    {
        string file = Write("a.jsonl", Alter(Text, 2, static recorded =>
            recorded["state"]!["0000:01:00.0"]!["usage"] = 7));

        Replay(file).Should().Be(1);

        Output.Should().Contain($"{file}: event 2 diverges")
            .And.Contain("state.0000:01:00.0.usage: recorded 7, model 1");
        LastLine().Should().Be("files 1, diverging 1, events 7, divergences 1");
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("changed")]
    [InlineData("added")]
    public void A_changed_line_of_the_runtime_PM_trace_is_found_and_its_event_is_named(string what)
    {
        string file = Write("a.jsonl", Alter(Text, 1, recorded =>
        {
            JsonArray lines = recorded["rpm"]!.AsArray();
            switch (what)
            {
                case "removed":
                    lines.RemoveAt(0);
                    break;
                case "changed":
                    lines[1] = "rpm_return_int 0000:01:00.0 rpm_resume ret=0";
                    break;
                default:
                    lines.Add("rpm_return_int 0000:01:00.0 rpm_resume ret=1");
                    break;
            }
        }));

        Replay(file).Should().Be(1);

        Output.Should().Contain($"{file}: event 1 diverges").And.Contain("    rpm: recorded [");
    }

    [Theory]
    [InlineData("pre-rfc/a")]
    [InlineData("rfc-v1/b")]
    [InlineData("linux-5.10/a")]
    [InlineData("linux-6.1/g")]
    [InlineData("linux-6.12/a")]
    [InlineData("linux-7.3/a")]
    public void What_the_model_did_is_written_as_it_was_recorded(string archive)
    {
        string text = new RecordingArchive(archive).TextOf(Name);
        Write("in/a.jsonl", text);

        Replay(Path.Combine(Folder, "in"), "--emit", Path.Combine(Folder, "out")).Should().Be(0);

        ShouldTellTheSame(File.ReadAllLines(Path.Combine(Folder, "out", "a.jsonl")), text);
    }

    [Theory]
    [InlineData("rfc-v1/a", Name)]
    [InlineData("rfc-v1/a-d3hot-port", Name)]
    [InlineData("rfc-v1/b", Name)]
    [InlineData("rfc-v1/b", "fresh-boot-bind")]
    [InlineData("linux-5.10/b", Name)]
    [InlineData("linux-6.1/g", Name)]
    [InlineData("linux-6.1/h", Name)]
    [InlineData("linux-6.12/b", Name)]
    [InlineData("linux-7.3/b", Name)]
    public void What_state_the_recorder_found_is_not_read_off_the_header(string archive, string name)
    {
        string[] lines = new RecordingArchive(archive).TextOf(name).Split('\n');
        JsonObject header = JsonNode.Parse(lines[0])!.AsObject();
        foreach (JsonNode? function in header["functions"]!.AsArray())
        {
            function!["state"] = new JsonObject { ["ps"] = "unknown" };
            function["autosuspend_delay_ms"] = null;
        }

        string file = Write("a.jsonl", string.Join('\n', [header.ToJsonString(), .. lines[1..]]));

        Replay(file).Should().Be(0, "{0}", Output);
    }

    [Theory]
    [InlineData("0000:01:00.0", "D0")]
    [InlineData("0000:02:00.0", "D0")]
    [InlineData("0000:03:00.0", "unknown")]
    public void Ports_of_a_switch_have_their_driver_and_only_endpoints_had_vfio_pci(string address, string state)
    {
        JsonObject header = Recording.Read("a", new StringReader(new RecordingArchive("linux-6.12/a").TextOf(Name)))
            .Single().Header;
        JsonArray functions = header["functions"]!.AsArray();
        JsonNode port = functions[0]!;
        JsonNode endpoint = functions[1]!;
        functions.Clear();
        functions.Add(port);
        Add(port, "0000:01:00.0", "upstream_port", "0000:00:03.0");
        Add(port, "0000:02:00.0", "downstream_port", "0000:01:00.0");
        Add(endpoint, "0000:03:00.0", "endpoint", "0000:02:00.0");
        JsonObject read = new()
        {
            ["i"] = 0,
            ["t0"] = 10000,
            ["t1"] = 10300,
            ["op"] = "sysfs_read",
            ["bdf"] = address,
            ["attr"] = "power_state",
            ["ret"] = state.Length + 1,
            ["value"] = state,
        };

        Replay(Write("a.jsonl", $"{header.ToJsonString()}\n{read.ToJsonString()}")).Should().Be(0, "{0}", Error + Output);

        void Add(JsonNode original, string bdf, string type, string parent)
        {
            JsonNode function = original.DeepClone();
            function["bdf"] = bdf;
            function["type"] = type;
            function["parent"] = parent;
            function["iommu_group"] = null;
            functions.Add(function);
        }
    }

    [Fact]
    public void A_mapping_that_the_model_has_not_is_a_divergence_of_the_event_that_uses_it()
    {
        string file = Write("a.jsonl", Alter(Text, 3, static recorded =>
        {
            recorded["op"] = "mmap_read";
            recorded["bar"] = 0;
            recorded["off"] = 0;
            recorded["len"] = 4;
        }));

        Replay(file).Should().Be(1);

        Output.Should().Contain("event 3 diverges").And.Contain("BAR 0 is not mapped at 0x0 in the model");
    }

    [Fact]
    public void The_answers_are_not_read_off_the_recording()
    {
        // The lines of the trace stay: they tell which of two workers the scheduler chose.
        Write("whole/a.jsonl", Text);
        Write("blank/a.jsonl", Alter(Text, static recorded =>
        {
            recorded["state"] = new JsonObject();
            recorded["ret"] = null;
            if (recorded.ContainsKey("data"))
            {
                recorded["data"] = "00000000";
            }
        }));

        Replay(Path.Combine(Folder, "whole"), "--emit", Path.Combine(Folder, "from-whole")).Should().Be(0);
        Replay(Path.Combine(Folder, "blank"), "--emit", Path.Combine(Folder, "from-blank")).Should().Be(1);

        File.ReadAllText(Path.Combine(Folder, "from-blank", "a.jsonl"))
            .Should().Be(File.ReadAllText(Path.Combine(Folder, "from-whole", "a.jsonl")));
    }
}
