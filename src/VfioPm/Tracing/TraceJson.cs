using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace VfioPm;

/// <summary>
/// A trace as JSON, whose form stays (<c>docs/trace-json.md</c>, with a schema): an event a line, so that what changed is seen in a
/// <c>diff</c>. Times are nanoseconds since boot; what is not said of an event has no name in it.
/// </summary>
internal static class TraceJson
{
    private const string Format = "vfio-pm-events/1";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="kernel">The profile's name, or null for a core without a host.</param>
    /// <param name="begin">From when on the entries tell everything.</param>
    /// <param name="end">When it is written.</param>
    /// <param name="devices">All devices.</param>
    /// <param name="entries">What happened.</param>
    public static string Write(
        string? kernel, TimeSpan begin, TimeSpan end, IEnumerable<RuntimePmDevice> devices, IEnumerable<TraceEntry> entries)
    {
        var text = new StringBuilder();
        text.Append("{\"format\":\"").Append(Format).Append('"');
        text.Append(",\"kernel\":").Append(kernel is null ? "null" : $"\"{kernel}\"");
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $",\"begin_ns\":{TraceEntry.NanosecondsOf(begin)}");
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $",\"end_ns\":{TraceEntry.NanosecondsOf(end)},\n\"devices\":[");
        Join(text, devices, static (writer, device) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name", device.Name);
            if (device.Alias is { } alias)
            {
                writer.WriteString("alias", alias);
            }

            if (device.Parent is { } parent)
            {
                writer.WriteString("parent", parent.Name);
            }

            writer.WriteEndObject();
        });
        text.Append("],\n\"events\":[");
        Join(text, entries, static (writer, entry) => entry.WriteTo(writer));
        return text.Append("]}\n").ToString();
    }

    private static void Join<T>(StringBuilder text, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        string separator = "\n";
        using var line = new MemoryStream();
        using var writer = new Utf8JsonWriter(line, Plain);
        foreach (T item in items)
        {
            write(writer, item);
            writer.Flush();
            text.Append(separator).Append(Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length));
            separator = ",\n";
            line.SetLength(0);
            writer.Reset();
        }
    }
}
