using System.Text.Json;
using System.Text.Json.Serialization;

namespace VfioPm;

// As JSON (docs/trace-json.md).
[JsonConverter(typeof(Converter))]
public readonly partial record struct TraceEntry
{
    /// <summary>Writes the entry as an event.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("t_ns", NanosecondsOf(Time));
        writer.WriteString("device", Device);
        writer.WriteString("kind", NameOf(Kind));
        switch (Kind)
        {
            case TraceKind.PowerState or TraceKind.HardwareState or TraceKind.GuestState:
                writer.WriteString("before", PowerState.Before.KernelName);
                writer.WriteString("after", PowerState.After.KernelName);
                break;
            case TraceKind.RuntimeStatus:
                writer.WriteString("before", Status.Before.ToString().ToLowerInvariant());
                writer.WriteString("after", Status.After.ToString().ToLowerInvariant());
                break;
            case TraceKind.UsageCount:
                writer.WriteNumber("before", UsageCount.Before);
                writer.WriteNumber("after", UsageCount.After);
                break;
            case TraceKind.Return or TraceKind.Failure:
                writer.WriteNumber("result", Result.Value);
                break;
            default:
                writer.WriteString("what", Message ?? What);
                break;
        }

        if (Result.Errno is { } error)
        {
            writer.WriteString("errno", error.ToString());
        }

        if (Cause is { } cause)
        {
            writer.WriteString("cause", cause.What);
            if (cause.Device is { } device)
            {
                writer.WriteString("cause_device", device);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>How a kind is written.</summary>
    internal static string NameOf(TraceKind kind) => kind switch
    {
        TraceKind.PowerState => "power_state",
        TraceKind.HardwareState => "hardware_state",
        TraceKind.GuestState => "guest_state",
        TraceKind.RuntimeStatus => "runtime_status",
        TraceKind.UsageCount => "usage_count",
        TraceKind.Operation => "operation",
        TraceKind.Return => "return",
        TraceKind.Failure => "failure",
        TraceKind.Log => "log",
        _ => "rpm",
    };

    /// <summary>How times are written.</summary>
    internal static long NanosecondsOf(TimeSpan time) => time.Ticks * (1_000_000_000 / TimeSpan.TicksPerSecond);

    private sealed class Converter : JsonConverter<TraceEntry>
    {
        public override TraceEntry Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("A trace is written as JSON, and not read.");

        public override void Write(Utf8JsonWriter writer, TraceEntry value, JsonSerializerOptions options) => value.WriteTo(writer);
    }
}
