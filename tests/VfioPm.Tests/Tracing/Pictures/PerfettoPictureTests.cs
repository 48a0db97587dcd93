using System.Text.Json;

namespace VfioPm.Tests;

/// <summary>
/// The JSON is the Trace Event Format's ("JSON Object Format"): which members each phase must have, and that they say what
/// the lanes say.
/// </summary>
public sealed class PerfettoPictureTests : IDisposable
{
    private readonly Picture _picture = PictureMachine.OfSleep();
    private readonly JsonDocument _json;

    public PerfettoPictureTests() => _json = JsonDocument.Parse(_picture.To(PictureFormat.Perfetto));

    public void Dispose() => _json.Dispose();

    [Fact]
    public void Every_event_has_what_its_phase_requires()
    {
        _json.RootElement.GetProperty("displayTimeUnit").GetString().Should().Be("ms");
        foreach (JsonElement known in Events)
        {
            string[] required = Phase(known) switch
            {
                "X" => ["name", "cat", "ts", "dur", "pid", "tid"],
                "i" => ["name", "cat", "ts", "s", "pid", "tid"],
                "C" => ["name", "ts", "pid", "args"],
                "M" => ["name", "pid", "args"],
                _ => ["a phase that is known"],
            };
            known.EnumerateObject().Select(member => member.Name).Should().Contain(required, "of {0}", known);
        }
    }

    [Fact]
    public void A_device_is_a_process_and_a_lane_a_thread_in_the_picture_s_order()
    {
        Named("process_name").Should().Equal(PictureMachine.PortName, PictureMachine.NicName);
        Named("thread_name").Should().Equal(
            "what was done", "kernel believes", "hardware is in", "runtime status", "usage count",
            "what was done", "guest reads", "kernel believes", "hardware is in", "runtime status", "usage count");
        Events.Where(known => Name(known) == "thread_sort_index").Select(Thread).Should().BeInAscendingOrder();
    }

    // A viewer takes the thread with its process's number for the main thread, and numbers threads throughout.
    [Fact]
    public void No_thread_is_another_s_or_a_process()
    {
        int[] processes = [.. Events.Where(known => Name(known) == "process_name").Select(Process)];
        int[] threads = [.. Events.Where(known => Name(known) == "thread_name").Select(Thread)];

        threads.Concat(processes).Should().OnlyHaveUniqueItems().And.NotContain(0, "that is the kernel's idle thread");
    }

    [Fact]
    public void The_slices_of_a_thread_are_the_intervals_of_its_lane()
    {
        Lane lane = _picture.Lane(PictureMachine.NicName, TraceKind.HardwareState);

        Slices("hardware is in").Where(slice => Process(slice) == 20)
            .Select(slice => (Name(slice), Time(slice, "ts"), Time(slice, "ts") + Time(slice, "dur")))
            .Should().Equal(lane.Intervals.Select(interval => (lane.TextOf(interval), interval.Begin, interval.End)));
    }

    [Fact]
    public void Slices_and_instants_say_why()
    {
        Slices("kernel believes").Select(Cause).Should().Contain("0000:00:03.0: power switched off");
        Events.Where(known => Phase(known) == "i" && Name(known) == "guest asks for low power in PMCSR")
            .Select(Cause).Should().Equal("0000:01:00.0: guest writes configuration space");
    }

    [Fact]
    public void A_usage_count_is_a_counter_too()
    {
        Events.Where(known => Phase(known) == "C" && Process(known) == 20)
            .Select(known => known.GetProperty("args").GetProperty("count").GetInt32())
            .Should().Equal(_picture.Lane(PictureMachine.NicName, TraceKind.UsageCount).Intervals.Select(interval => interval.Value));
    }

    [Fact]
    public void What_nobody_reads_is_no_slice() => Slices("guest reads").Select(Name).Should().Equal("D3hot", "D0");

    private JsonElement[] Events => [.. _json.RootElement.GetProperty("traceEvents").EnumerateArray()];

    private IEnumerable<JsonElement> Slices(string category) =>
        Events.Where(known => Phase(known) == "X" && known.GetProperty("cat").GetString() == category);

    private IEnumerable<string> Named(string metadata) => Events
        .Where(known => Name(known) == metadata)
        .Select(known => known.GetProperty("args").GetProperty("name").GetString()!);

    private static string Phase(JsonElement known) => known.GetProperty("ph").GetString()!;

    private static string Name(JsonElement known) => known.GetProperty("name").GetString()!;

    private static int Process(JsonElement known) => known.GetProperty("pid").GetInt32();

    private static int Thread(JsonElement known) => known.GetProperty("tid").GetInt32();

    private static TimeSpan Time(JsonElement known, string member) =>
        TimeSpan.FromMicroseconds(known.GetProperty(member).GetDouble());

    private static string? Cause(JsonElement known) =>
        known.TryGetProperty("args", out JsonElement arguments) ? arguments.GetProperty("cause").GetString() : null;
}
