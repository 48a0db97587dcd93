using System.Globalization;
using System.Text.Json;

namespace VfioPm.Tests;

/// <summary>
/// A recording of a real kernel (<c>vfio-pm-trace/1</c>), as far as configuration space goes: the first endpoint as
/// the header line shows it, and what was done to it.
/// </summary>
internal sealed record ConfigurationRecording(
    string Name, DeviceImage Image, IReadOnlyList<JsonElement> Events, string Endpoint, string? Parent)
{
    /// <summary>Reads the text of a recording.</summary>
    public static ConfigurationRecording Of(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        JsonElement header = Parse(lines[0]);
        JsonElement function = header.GetProperty("functions").EnumerateArray()
            .First(candidate => candidate.GetProperty("alias").GetString() == "ep");
        string endpoint = function.GetProperty("bdf").GetString()!;
        return new ConfigurationRecording(
            header.GetProperty("name").GetString()!,
            ImageOf(function),
            [.. lines.Skip(1).Select(Parse)],
            endpoint,
            function.GetProperty("parent").GetString());
    }

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement;

    private static DeviceImage ImageOf(JsonElement function)
    {
        byte[] bytes = Convert.FromHexString(function.GetProperty("config").GetString()!);
        DeviceImage image = DeviceImage.FromConfigBytes(bytes);
        foreach (JsonElement resource in function.GetProperty("resources").EnumerateArray())
        {
            int index = resource.GetProperty("index").GetInt32();
            if (index <= Bar.RomIndex)
            {
                image = image.WithBarSize(index, Address(resource, "end") - Address(resource, "start") + 1);
            }
        }

        return image;
    }

    private static ulong Address(JsonElement resource, string property) => ulong.Parse(
        resource.GetProperty(property).GetString()!.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
