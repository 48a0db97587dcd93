using System.Text.Json.Nodes;

namespace VfioPm.Tests;

public sealed class ReplayCommandTests : ReplayTest
{
    private const string Kernel = "linux-6.1";
    private const string Scenario = "deferred_resume_runs_after_suspend";

    [Fact]
    public void A_recording_of_a_kernel_diverges_nowhere()
    {
        string file = Write("a.jsonl", RpmRecordings.TextOf(Kernel, Scenario));

        Replay(file).Should().Be(0);

        LastLine().Should().Be("files 1, diverging 0, events 17, divergences 0");
    }

    [Fact]
    public void A_changed_value_is_found_and_its_event_is_named()
    {
        string file = Write("a.jsonl", Alter(13, static recorded => recorded["state"]!["g"]!["usage"] = 2));

        Replay(file).Should().Be(1);

        Output.Should().Contain($"{file}: event 13 diverges")
            .And.Contain("i=12").And.Contain("state.g.usage: recorded 2, model 1");
        LastLine().Should().StartWith("files 1, diverging 1, events 17, divergences ");
    }

    [Theory]
    [InlineData("ret", "0")]
    [InlineData("cb", "[]")]
    [InlineData("state", "{\"g\":{}}")]
    public void Every_recorded_field_counts(string field, string value)
    {
        string file = Write("a.jsonl", Alter(13, recorded => recorded[field] = JsonNode.Parse(value)));

        Replay(file).Should().Be(1);

        Output.Should().Contain("event 13 diverges").And.Contain($"    {field}");
    }

    [Fact]
    public void A_device_whose_change_was_left_out_is_a_divergence()
    {
        string file = Write("a.jsonl", Alter(15, static recorded => ((JsonObject)recorded["state"]!).Remove("g")));

        Replay(file).Should().Be(1);

        Output.Should().Contain("event 15 diverges").And.Contain("state.g.usage: recorded 1, model 0");
    }

    [Fact]
    public void A_reading_of_the_clock_may_differ()
    {
        string file = Write("a.jsonl", Alter(13, static recorded =>
        {
            recorded["t1"] = 5999;
            recorded["clock"] = new JsonObject();
        }));

        Replay(file).Should().Be(0);
    }

    [Fact]
    public void Folders_are_searched_for_plain_and_compressed_recordings()
    {
        string text = RpmRecordings.TextOf(Kernel, Scenario);
        Write("one/a.jsonl", text);
        Write("one/two/b.jsonl.gz", text);
        Write("one/notes.txt", "no recording");

        Replay(Folder).Should().Be(0);

        LastLine().Should().Be("files 2, diverging 0, events 34, divergences 0");
    }

    [Fact]
    public void An_archive_is_played_recording_by_recording()
    {
        string text = RpmRecordings.TextOf(Kernel, Scenario);
        Write("a.jsonl.br", text + text);

        Replay(Folder).Should().Be(0);

        LastLine().Should().Be("files 2, diverging 0, events 34, divergences 0");
    }

    [Fact]
    public void A_folder_that_has_nothing_but_archives_of_any_name_is_played()
    {
        Write("recordings.br", RpmRecordings.TextOf(Kernel, Scenario));

        Replay(Folder).Should().Be(0);

        LastLine().Should().Be("files 1, diverging 0, events 17, divergences 0");
    }

    [Fact]
    public void A_divergence_in_an_archive_is_named_with_its_recording()
    {
        string text = RpmRecordings.TextOf(Kernel, Scenario);
        string file = Write("a.jsonl.br", text + Alter(13, static recorded => recorded["ret"] = 0));

        Replay(file).Should().Be(1);

        Output.Should().StartWith($"{file}: {Scenario}: event 13 diverges");
        LastLine().Should().StartWith("files 2, diverging 1, ");
    }

    [Fact]
    public void One_recording_of_an_archive_that_makes_no_sense_does_not_keep_the_others_from_being_replayed()
    {
        string text = RpmRecordings.TextOf(Kernel, Scenario);
        string file = Write("a.jsonl.br", text + Alter(13, static recorded => recorded["call"] = "teleport") + text);

        Replay(file).Should().Be(2);

        Error.Should().Be($"{file}:33: no such call: \"teleport\"{Environment.NewLine}");
        LastLine().Should().Be("files 2, diverging 0, events 34, divergences 0, not played 1");
    }

    [Theory]
    [InlineData("")]
    [InlineData("notes.txt")]
    public void A_folder_without_recordings_is_not_passed_over(string other)
    {
        if (other.Length > 0)
        {
            Write(other, "no recording");
        }

        Replay(Folder).Should().Be(2);

        Error.Should().StartWith($"{Folder}: no recording in this folder");
    }

    [Fact]
    public void A_recording_without_events_is_not_passed_over()
    {
        string file = Write("a.jsonl", RpmRecordings.TextOf(Kernel, Scenario).Split('\n')[0]);

        Replay(file).Should().Be(2);

        Error.Should().Contain($"{file}:1: the recording has no event");
    }

    [Fact]
    public void What_the_model_did_is_written_in_the_recordings_format()
    {
        string text = RpmRecordings.TextOf(Kernel, Scenario);
        Write("in/two/b.jsonl.gz", text);
        string emitted = Path.Combine(Folder, "out");

        Replay(Path.Combine(Folder, "in"), "--emit", emitted).Should().Be(0);

        string[] lines = File.ReadAllLines(Path.Combine(emitted, "two", "b.jsonl"));
        ShouldTellTheSame(lines, text);
    }

    [Fact]
    public void What_the_model_did_with_an_archive_is_written_as_one_file()
    {
        string text = RpmRecordings.TextOf(Kernel, Scenario);
        Write("in/a.jsonl.br", text + text);
        string emitted = Path.Combine(Folder, "out");

        Replay(Path.Combine(Folder, "in"), "--emit", emitted).Should().Be(0);

        ShouldTellTheSame(File.ReadAllLines(Path.Combine(emitted, "a.jsonl")), text + text);
    }

    [Fact]
    public void What_the_model_did_is_written_even_if_it_differs()
    {
        Write("in/a.jsonl", Alter(13, static recorded => recorded["ret"] = 0));

        Replay(Path.Combine(Folder, "in"), "--emit", Path.Combine(Folder, "out")).Should().Be(1);

        JsonNode.Parse(File.ReadAllLines(Path.Combine(Folder, "out", "a.jsonl"))[14])!["ret"]!.GetValue<int>()
            .Should().Be(-11);
    }

    [Fact]
    public void The_answers_are_not_read_off_the_recording()
    {
        string blank = Alter(static recorded =>
        {
            recorded["ret"] = null;
            recorded["cb"] = new JsonArray();
            recorded["state"] = new JsonObject();
        });
        Write("blank/a.jsonl", blank);
        Write("whole/a.jsonl", RpmRecordings.TextOf(Kernel, Scenario));

        Replay(Path.Combine(Folder, "blank"), "--emit", Path.Combine(Folder, "from-blank")).Should().Be(1);
        Replay(Path.Combine(Folder, "whole"), "--emit", Path.Combine(Folder, "from-whole")).Should().Be(0);

        File.ReadAllText(Path.Combine(Folder, "from-blank", "a.jsonl"))
            .Should().Be(File.ReadAllText(Path.Combine(Folder, "from-whole", "a.jsonl")));
    }

    [Theory]
    [InlineData(1, "", "not JSON")]
    [InlineData(1, "[]", "not a JSON object")]
    [InlineData(1, "{}", "\"format\" is missing")]
    [InlineData(1, "{\"format\":\"rpm-trace/9\"}", "rpm-trace/9")]
    [InlineData(1, "{\"format\":\"rpm-trace/1\",\"kernel\":{\"release\":\"2.6.18\"},\"devices\":[]}", "kernel 2.6.18")]
    [InlineData(3, "{\"i\":1", "not JSON")]
    [InlineData(4, "{\"i\":2,\"t0\":1,\"call\":\"teleport\",\"dev\":\"g\",\"args\":[]}", "no such call: \"teleport\"")]
    [InlineData(4, "{\"i\":2,\"t0\":1,\"call\":\"get\",\"dev\":\"x\",\"args\":[]}", "no such device: \"x\"")]
    [InlineData(4, "{\"i\":2,\"t0\":1,\"call\":\"get\",\"dev\":null,\"args\":[]}", "\"get\" needs a device")]
    [InlineData(4, "{\"i\":2,\"call\":\"get\",\"dev\":\"g\",\"args\":[]}", "\"t0\"")]
    [InlineData(4, "{\"i\":2,\"t0\":1,\"call\":\"sleep\",\"dev\":null,\"args\":[\"long\"]}", "not a number")]
    [InlineData(4, "{\"i\":2,\"t0\":1,\"call\":\"script\",\"dev\":\"g\",\"args\":[\"probe\",0]}", "name of a callback")]
    [InlineData(4, "{\"i\":2,\"t0\":1,\"call\":\"script\",\"dev\":\"g\",\"args\":[\"idle\",\"0/x\"]}", "not a step")]
    [InlineData(4, "{\"i\":2,\"t0\":1,\"call\":\"schedule_suspend\",\"dev\":\"g\",\"args\":[-1]}", "delay")]
    [InlineData(4, "{\"i\":2,\"i\":2,\"t0\":1,\"call\":\"get\",\"dev\":\"g\",\"args\":[]}", "same key")]
    [InlineData(4, "{\"i\":2,\"t0\":1,\"call\":\"link_add\",\"dev\":\"g\",\"args\":[]}", "no supplier")]
    [InlineData(4, "{\"i\":2,\"t0\":1,\"call\":\"link_del\",\"dev\":\"g\",\"args\":[\"s\"]}", "no link to s")]
    public void What_is_no_recording_is_named_with_its_line(int line, string text, string reason)
    {
        string[] lines = RpmRecordings.TextOf(Kernel, Scenario).Split('\n');
        lines[line - 1] = text;
        string file = Write("a.jsonl", string.Join('\n', lines));

        Replay(file).Should().Be(2);

        Error.Should().Contain($"{file}:{line}: ").And.Contain(reason);
    }

    [Theory]
    [InlineData("a.jsonl.gz")]
    [InlineData("a.jsonl.br")]
    public void A_damaged_archive_is_no_recording(string name)
    {
        string file = Path.Combine(Folder, name);
        File.WriteAllText(file, "this is not compressed");

        Replay(file).Should().Be(2);

        Error.Should().Contain($"{file}:1: ");
    }

    [Fact]
    public void An_empty_file_is_no_recording()
    {
        string file = Write("a.jsonl", string.Empty);

        Replay(file).Should().Be(2);

        Error.Should().Contain($"{file}:1: '{file}' has nothing in it, or is a pipe or a socket.");
    }

    [Fact]
    public void One_unreadable_file_does_not_keep_the_others_from_being_replayed()
    {
        string bad = Write("a.jsonl", "{");
        string good = Write("b.jsonl", RpmRecordings.TextOf(Kernel, Scenario));

        Replay(Path.Combine(Folder, "absent"), bad, good).Should().Be(2);

        Error.Should().Contain("absent").And.Contain($"{bad}:1");
        LastLine().Should().Be("files 1, diverging 0, events 17, divergences 0, not played 2");
    }

    [Fact]
    public void Of_an_archive_a_recording_that_has_a_line_that_is_none_does_not_keep_the_others_from_being_replayed()
    {
        string good = RpmRecordings.TextOf(Kernel, Scenario);
        string[] lines = good.TrimEnd().Split('\n');
        string inTheMiddle = string.Join('\n', [.. lines[..3], "{\"i\":2", .. lines[3..], ""]);
        string atTheHeader = string.Join('\n', [lines[0][..^1], .. lines[1..], ""]);
        string file = Write("a.jsonl", $"{good}{inTheMiddle}{good}{atTheHeader}{good}");

        Replay(file).Should().Be(2);

        int second = lines.Length + 1;
        Error.Should().MatchRegex($"^{file}:{second + 3}: not JSON: .*\n{file}:{second + (2 * lines.Length) + 1}: not JSON: .*\n$");
        LastLine().Should().Be("files 3, diverging 0, events 51, divergences 0, not played 2");
    }

    [Fact]
    public void A_machine_that_cannot_be_made_does_not_keep_the_others_from_being_replayed()
    {
        string bad = Write("a.jsonl", """
            {"format":"vfio-pm-trace/1","name":"x","profile":"linux-6.1","module":{},"platform":[],"settle_ms":300,"functions":[{"bdf":"0000:01:00.0","alias":"ep","parent":"0000:00:09.0","type":"endpoint","config":"86","resources":[]}]}
            {"i":0,"t0":1,"t1":2,"op":"sleep","ms":1,"ret":0,"state":{},"rpm":[]}

            """);
        string good = Write("b.jsonl", RpmRecordings.TextOf(Kernel, Scenario));

        Replay(bad, good).Should().Be(2);

        Error.Should().Contain($"{bad}:");
        LastLine().Should().Be("files 1, diverging 0, events 17, divergences 0, not played 1");
    }

    [Fact]
    public void A_call_that_was_not_available_is_skipped()
    {
        string file = Write("a.jsonl", Alter(13, static recorded => recorded["unavailable"] = true));

        Replay(file).Should().Be(1);

        Output.Should().Contain("ret: recorded -11, model null");
    }

    private static string Alter(int index, Action<JsonObject> change) =>
        Alter(RpmRecordings.TextOf(Kernel, Scenario), index, change);

    private static string Alter(Action<JsonObject> change) => Alter(RpmRecordings.TextOf(Kernel, Scenario), change);
}
