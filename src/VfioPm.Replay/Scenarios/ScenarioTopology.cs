using System.IO.Compression;
using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// A machine to play scenarios on: functions with the names that scenarios call them by, their registers, and what the
/// firmware can do for each. Those with a name are the machines that real kernels were recorded on; any recording is
/// another.
/// </summary>
public sealed class ScenarioTopology
{
    /// <summary>Headers of recordings, cut down to the machine; Scenarios/Topologies/README.md says where they are from.</summary>
    private static readonly Lazy<Machine[]> Archive = new(ReadArchive);

    // Kernels configure hardware differently, so there may be one for each.
    private readonly Machine[] _machines;
    private readonly Recording? _recording;

    private ScenarioTopology(string name, Machine[] machines, Recording? recording = null)
    {
        Name = name;
        _machines = machines;
        _recording = recording;
    }

    /// <summary>The names that there are.</summary>
    public static IReadOnlyList<string> Names => [.. Archive.Value.Select(static machine => machine.Name).Distinct()];

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>The addresses of its functions by what scenarios call them: "ep" for "0000:01:00.0".</summary>
    public IReadOnlyDictionary<string, string> Functions => _machines[0].Functions;

    /// <summary>What functions are called on some machine or other.</summary>
    internal static IReadOnlyCollection<string> AllFunctions =>
        [.. Archive.Value.SelectMany(static machine => machine.Functions.Keys).Distinct()];

    /// <summary>The machine of a name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists them.</exception>
    public static ScenarioTopology Named(string name) => Names.Contains(name)
        ? new ScenarioTopology(name, [.. Archive.Value.Where(machine => machine.Name == name)])
        : throw new ArgumentException($"There is no topology \"{name}\"; there are {string.Join(", ", Names)}.", nameof(name));

    /// <summary>The machine that was recorded.</summary>
    /// <exception cref="RecordingException">The recording is of no machine.</exception>
    public static ScenarioTopology Of(Recording recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        return new ScenarioTopology(recording.Place, [recording.AtHeader(() => Machine.Of(recording.Header))], recording);
    }

    /// <summary>The machine with a kernel, as it is after boot.</summary>
    /// <param name="profile">The kernel.</param>
    /// <param name="module">The parameters of vfio-pci.</param>
    public SimulatedHost CreateHost(KernelProfile profile, VfioModuleParameters? module = null) =>
        CreateMachine(profile, new ScenarioHead { Module = module ?? new() }).Machine.Host;

    /// <summary>The machine as it is after boot, and the header of a recording on it.</summary>
    /// <exception cref="RecordingException">It is that of a recording, which describes none.</exception>
    internal (VfioMachine Machine, JsonObject Header) CreateMachine(KernelProfile profile, ScenarioHead head)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return _recording is null ? Create() : _recording.AtHeader(Create);

        (VfioMachine, JsonObject) Create()
        {
            JsonObject header = CreateHeader(profile, head);
            return (VfioMachine.Create(header), header);
        }
    }

    /// <summary>The header of a recording on the machine.</summary>
    internal JsonObject CreateHeader(KernelProfile profile, ScenarioHead head)
    {
        Machine known = _machines.FirstOrDefault(machine => machine.Profile == profile.Name) ?? _machines[0];
        JsonObject machine = known.ToJson();
        return head.ToHeader(
            profile, machine.RequiredList("platform").DeepClone().AsArray(), machine.RequiredList("functions").DeepClone().AsArray());
    }

    private static Machine[] ReadArchive()
    {
        using Stream archive = typeof(ScenarioTopology).Assembly.GetManifestResourceStream("topologies.jsonl.br")!;
        using StreamReader lines = new(new BrotliStream(archive, CompressionMode.Decompress));
        List<Machine> machines = [];
        while (lines.ReadLine() is { } line)
        {
            machines.Add(Machine.Of(JsonNode.Parse(line)!.AsObject()));
        }

        return [.. machines];
    }

    /// <summary>A machine as a header tells of it.</summary>
    /// <param name="Name">What it, or its recording, is called.</param>
    /// <param name="Profile">The kernel that configured it, or null.</param>
    /// <param name="Functions">Names and addresses.</param>
    /// <param name="Header">The header, as text: JSON nodes are not for several threads.</param>
    private sealed record Machine(string Name, string? Profile, IReadOnlyDictionary<string, string> Functions, string Header)
    {
        public static Machine Of(JsonObject header) => new(
            header.Required<string>("name"),
            header.Optional<string>("profile"),
            header.RequiredList("functions").OfType<JsonObject>().ToDictionary(
                static function => function.Required<string>("alias"), static function => function.Required<string>("bdf")),
            header.ToJsonString());

        public JsonObject ToJson() => JsonNode.Parse(Header)!.AsObject();
    }
}
