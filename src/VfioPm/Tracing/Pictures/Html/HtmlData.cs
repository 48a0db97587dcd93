using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace VfioPm;

/// <summary>
/// What a page shows, as JSON that <c>run.js</c> reads. Times are ticks of 100 ns; a text is written once, and referred to by its
/// number, since most come again with each sleep.
/// </summary>
internal sealed class HtmlData
{
    private const int None = -1;

    // Letters may stay as they are, but for those that mean something in HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    private readonly Dictionary<string, int> _texts = [];
    private readonly Utf8JsonWriter _json;
    private readonly DeviceAliases _aliases;

    private HtmlData(Utf8JsonWriter json, DeviceAliases aliases)
    {
        _json = json;
        _aliases = aliases;
    }

    public static string Write(Picture picture)
    {
        using var bytes = new MemoryStream();
        using var json = new Utf8JsonWriter(bytes, Options);
        new HtmlData(json, picture.Aliases).WriteAll(picture);
        json.Flush();
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private void WriteAll(Picture picture)
    {
        _json.WriteStartObject();
        _json.WriteString("kernel", picture.KernelName);
        _json.WriteNumber("begin", picture.Begin.Ticks);
        _json.WriteNumber("end", picture.End.Ticks);
        WriteArray("devices", picture.Devices, WriteDevice);
        string[] names = [.. picture.Devices.Select(static device => device.Name)];
        WriteArray("events", picture.Entries, entry => WriteEvent(entry, Array.IndexOf(names, entry.Device)));
        WriteArray("steps", picture.Steps, WriteStep);
        WriteArray("texts", _texts.Keys, _json.WriteStringValue);
        _json.WriteEndObject();
    }

    private void WriteDevice(DeviceLanes device)
    {
        _json.WriteStartObject();
        _json.WriteString("name", device.Name);
        _json.WriteString("title", device.Title);
        _json.WriteString("parent", device.Parent is { } parent ? _aliases.TitleOf(parent) : null);
        WriteArray("lanes", device.Lanes, WriteLane);
        WriteArray("reasons", device.Reasons, reason => WriteRow(reason.Begin.Ticks, reason.End.Ticks, NumberOf(reason.Text)));
        _json.WriteEndObject();
    }

    private void WriteLane(Lane lane)
    {
        var shape = new LaneShape(lane);
        _json.WriteStartObject();
        _json.WriteString("kind", TraceEntry.NameOf(lane.Kind));
        _json.WriteString("title", lane.Title);
        WriteArray("values", lane.Intervals, interval => WriteRow(
            interval.Begin.Ticks,
            interval.End.Ticks,
            NumberOf(lane.TextOf(interval)),
            NumberOf(shape.LookOf(interval)),
            (long)Math.Round(shape.LevelOf(interval) * 100),
            NumberOf(interval.Cause?.ToString())));
        _json.WriteEndObject();
    }

    private void WriteEvent(TraceEntry entry, int device) => WriteRow(
        entry.Time.Ticks,
        device,
        NumberOf(TraceEntry.NameOf(entry.Kind)),
        NumberOf(entry.What),
        NumberOf(entry.Cause?.ToString()),
        NumberOf(entry.Caller));

    private void WriteStep(PictureStep step)
    {
        _json.WriteStartObject();
        _json.WriteString("what", step.What);
        _json.WriteNumber("begin", step.Begin.Ticks);
        _json.WriteNumber("end", step.End.Ticks);
        _json.WriteString("told", _aliases.In(step.Told));
        _json.WriteEndObject();
    }

    private int NumberOf(string? text)
    {
        if (text is null)
        {
            return None;
        }

        text = _aliases.In(text);
        _texts.TryAdd(text, _texts.Count);
        return _texts[text];
    }

    private void WriteRow(params ReadOnlySpan<long> numbers)
    {
        _json.WriteStartArray();
        foreach (long number in numbers)
        {
            _json.WriteNumberValue(number);
        }

        _json.WriteEndArray();
    }

    private void WriteArray<T>(string name, IEnumerable<T> items, Action<T> write)
    {
        _json.WriteStartArray(name);
        foreach (T item in items)
        {
            write(item);
        }

        _json.WriteEndArray();
    }
}
