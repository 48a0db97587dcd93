using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace VfioPm.Tests;

/// <summary>
/// A recording of a real kernel (<c>vfio-pm-trace/1</c>), as far as configuration space goes: the first endpoint as
/// the header line shows it, and what was done to it.
/// </summary>
internal sealed record ConfigurationRecording(
    string Name, DeviceImage Image, IReadOnlyList<JsonElement> Events, string Endpoint, string? Parent)
{
    public static string FixtureFolder { get; } =
        Path.Combine(RepositoryRoot(), "tests", "VfioPm.Tests", "Vfio", "Configuration", "Recordings");

    /// <summary>The full set of recordings beside the repository, which not every machine has.</summary>
    public static string FullFolder { get; } =
        Path.GetFullPath(Path.Combine(RepositoryRoot(), "..", "shared", "traces", "vfio"));

    public static ConfigurationRecording Load(string path)
    {
        using GZipStream unzipped = new(File.OpenRead(path), CompressionMode.Decompress);
        using StreamReader reader = new(unzipped);
        JsonElement header = Parse(reader.ReadLine()!);
        JsonElement function = header.GetProperty("functions").EnumerateArray()
            .First(candidate => candidate.GetProperty("alias").GetString() == "ep");
        string endpoint = function.GetProperty("bdf").GetString()!;
        List<JsonElement> events = [];
        while (reader.ReadLine() is { } line)
        {
            events.Add(Parse(line));
        }

        string? parent = function.GetProperty("parent").GetString();
        return new ConfigurationRecording(Path.GetFileName(path), ImageOf(function), events, endpoint, parent);
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

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "VfioPm.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
