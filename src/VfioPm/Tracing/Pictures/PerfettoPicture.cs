using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace VfioPm;

/// <summary>
/// A picture in the Trace Event Format's JSON: a device is a process, a lane a thread whose values are slices, a usage
/// count a counter too, and what somebody did an instant with its cause. Times are microseconds since boot.
/// </summary>
internal sealed class PerfettoPicture : IDisposable
{
    // Threads are numbered throughout, and no thread has the number of a process: viewers take such a one for its main.
    private const int NumbersPerDevice = 10;
    private const int OperationsThread = 1;
    private const int FirstLaneThread = 2;

    private static readonly JsonWriterOptions Options = new()
    {
        // The text is nobody's HTML: arrows and quotes may stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly MemoryStream _bytes = new();
    private readonly Utf8JsonWriter _json;

    private PerfettoPicture() => _json = new Utf8JsonWriter(_bytes, Options);

    public static string Write(Picture picture)
    {
        using var writer = new PerfettoPicture();
        return writer.WriteAll(picture);
    }

    public void Dispose()
    {
        _json.Dispose();
        _bytes.Dispose();
    }

    private string WriteAll(Picture picture)
    {
        _json.WriteStartObject();
        _json.WriteString("displayTimeUnit", "ms");
        _json.WriteStartObject("otherData");
        _json.WriteString("title", picture.Title);
        _json.WriteString("clock", "virtual time since boot");
        _json.WriteEndObject();
        _json.WriteStartArray("traceEvents");
        int process = 0;
        foreach (DeviceLanes device in picture.Devices)
        {
            process += NumbersPerDevice;
            WriteDevice(device, process);
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
        return Encoding.UTF8.GetString(_bytes.ToArray());
    }

    private void WriteDevice(DeviceLanes device, int process)
    {
        WriteName("process_name", device.Title, process, process);
        WriteOrder("process_sort_index", process, process);
        WriteThread("what was done", process, process + OperationsThread);
        foreach (Mark mark in device.Marks)
        {
            WriteMark(mark, process);
        }

        int thread = process + FirstLaneThread;
        foreach (Lane lane in device.Lanes)
        {
            WriteLane(lane, process, thread);
            thread++;
        }
    }

    private void WriteLane(Lane lane, int process, int thread)
    {
        bool isCount = lane.Kind == TraceKind.UsageCount;
        WriteThread(lane.Title, process, thread);
        foreach (LaneInterval interval in lane.Intervals)
        {
            string value = lane.TextOf(interval);
            if (value.Length > 0)
            {
                Begin("X", isCount ? $"{lane.Title} {value}" : value, process, thread);
                _json.WriteString("cat", lane.Title);
                WriteTime("ts", interval.Begin);
                WriteTime("dur", interval.End - interval.Begin);
                EndWith(interval.Cause);
            }

            if (isCount)
            {
                Begin("C", lane.Title, process, thread);
                WriteTime("ts", interval.Begin);
                EndWith("count", interval.Value);
            }
        }
    }

    private void WriteMark(Mark mark, int process)
    {
        Begin("i", mark.What, process, process + OperationsThread);
        _json.WriteString("cat", "operation");
        _json.WriteString("s", "t");
        WriteTime("ts", mark.Time);
        EndWith(mark.Cause);
    }

    private void WriteThread(string name, int process, int thread)
    {
        WriteName("thread_name", name, process, thread);
        WriteOrder("thread_sort_index", process, thread);
    }

    private void WriteName(string what, string name, int process, int thread)
    {
        Begin("M", what, process, thread);
        _json.WriteStartObject("args");
        _json.WriteString("name", name);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void WriteOrder(string what, int process, int thread)
    {
        Begin("M", what, process, thread);
        EndWith("sort_index", thread);
    }

    private void Begin(string phase, string name, int process, int thread)
    {
        _json.WriteStartObject();
        _json.WriteString("ph", phase);
        _json.WriteString("name", name);
        _json.WriteNumber("pid", process);
        _json.WriteNumber("tid", thread);
    }

    private void WriteTime(string name, TimeSpan time) =>
        _json.WriteNumber(name, (decimal)time.Ticks / TimeSpan.TicksPerMicrosecond);

    private void EndWith(string argument, int value)
    {
        _json.WriteStartObject("args");
        _json.WriteNumber(argument, value);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void EndWith(Cause? cause)
    {
        if (cause is { } known)
        {
            _json.WriteStartObject("args");
            _json.WriteString("cause", known.ToString());
            _json.WriteEndObject();
        }

        _json.WriteEndObject();
    }
}
