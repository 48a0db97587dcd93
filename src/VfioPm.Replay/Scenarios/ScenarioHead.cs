using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>What the comments at the head of a scenario say of it: "# name: sleep-and-wake".</summary>
internal sealed record ScenarioHead
{
    /// <summary>The most milliseconds that are waited after an operation.</summary>
    public const int LongestWait = 60_000;

    private static readonly Dictionary<string, Func<ScenarioHead, Words, ScenarioHead>> Keys = new()
    {
        ["name:"] = static (head, words) => head with { Name = words.Take("a name").Text },
        ["desc:"] = static (head, words) => head with { Description = string.Join(' ', words.TakeAll()) },
        ["seed:"] = static (head, words) => head with { Seed = words.Number(words.Take("a number"), "the seed", long.MaxValue) },
        ["topos:"] = static (head, words) => head with { Topologies = OneOrMore(words, ScenarioTopology.Names) },
        ["profiles:"] = static (head, words) => head with { Profiles = OneOrMore(words, KernelProfile.All.Select(static profile => profile.Name)) },
        ["module:"] = static (head, words) => head with { Module = ModuleOf(words) },
        ["fresh:"] = static (head, words) => head with { IsFreshBoot = words.OneOf(words.Take("yes"), ["yes"]) == "yes" },
        ["settle:"] = static (head, words) => head with { Settle = Wait(words) },
        ["quiet:"] = static (head, words) => head with { Quiet = Wait(words) },
    };

    private static readonly Dictionary<string, Func<VfioModuleParameters, bool, VfioModuleParameters>> Parameters = new()
    {
        ["disable_idle_d3"] = static (module, value) => module with { DisableIdleD3 = value },
        ["nointxmask"] = static (module, value) => module with { NoIntxMask = value },
        ["disable_vga"] = static (module, value) => module with { DisableVga = value },
        ["enable_sriov"] = static (module, value) => module with { EnableSriov = value },
    };

    public string? Name { get; init; }

    public string Description { get; init; } = "";

    /// <summary>What a generator made it from.</summary>
    public long? Seed { get; init; }

    public IReadOnlyList<string> Topologies { get; init; } = [];

    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>The parameters of vfio-pci.</summary>
    public VfioModuleParameters Module { get; init; } = new();

    /// <summary>Whether no driver has ever been bound before it begins.</summary>
    public bool IsFreshBoot { get; init; }

    /// <summary>How long is waited after each operation.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>For how long nothing must have happened at the end of that wait.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>What the header of a recording says.</summary>
    /// <exception cref="RecordingException">Something is missing.</exception>
    public static ScenarioHead Of(JsonObject header)
    {
        ScenarioHead usual = new();
        var settle = TimeSpan.FromMilliseconds(header.RequiredNumber("settle_ms", 0, LongestWait));
        return usual with
        {
            Name = header.Optional<string>("name"),
            Description = header.Optional<string>("description") ?? "",
            Seed = header.Optional<long?>("seed"),
            Module = VfioMachine.ModuleOf(header),
            IsFreshBoot = VfioMachine.IsFreshBoot(header),
            Settle = settle,

            // Who changes the one wants to look while things are under way, and so changes the other.
            Quiet = settle == usual.Settle ? usual.Quiet : TimeSpan.Zero,
        };
    }

    /// <summary>The header of a recording of the model that says so.</summary>
    /// <param name="profile">The kernel.</param>
    /// <param name="platform">What the firmware offers.</param>
    /// <param name="functions">The functions.</param>
    public JsonObject ToHeader(KernelProfile profile, JsonArray platform, JsonArray functions) => new()
    {
        ["format"] = "vfio-pm-trace/1",
        ["name"] = Name,
        ["description"] = Description,
        ["seed"] = Seed,
        ["kernel"] = new JsonObject { ["release"] = profile.Name, ["version"] = "VfioPm", ["vfio"] = "model" },
        ["profile"] = profile.Name,
        ["emulator"] = "VfioPm",
        ["cmdline"] = "",
        ["module"] = new JsonObject
        {
            ["disable_idle_d3"] = Module.DisableIdleD3,
            ["nointxmask"] = Module.NoIntxMask,
            ["disable_vga"] = Module.DisableVga,
            ["enable_sriov"] = Module.EnableSriov,
        },
        ["fresh"] = IsFreshBoot,
        ["platform"] = platform,
        ["settle_ms"] = (int)Settle.TotalMilliseconds,
        ["functions"] = functions,
    };

    /// <summary>With what one more line says, if that is such a comment.</summary>
    /// <exception cref="ScenarioException">There is a mistake in it.</exception>
    public ScenarioHead With(string path, int line, string text)
    {
        Words words = new(path, line, text);
        if (!words.TryTake("#") || words.Next is not { } key || !Keys.TryGetValue(key.Text, out Func<ScenarioHead, Words, ScenarioHead>? read))
        {
            return this;
        }

        words.Take("a key");
        ScenarioHead head = read(this, words);
        words.End();
        return head;
    }

    private static string[] OneOrMore(Words words, IEnumerable<string> known)
    {
        List<string> found = [];
        do
        {
            found.Add(words.OneOf(words.Take($"one of {string.Join(", ", known)}"), known));
        }
        while (!words.IsAtEnd);
        return [.. found];
    }

    private static VfioModuleParameters ModuleOf(Words words)
    {
        VfioModuleParameters module = new();
        do
        {
            Word word = words.Take("a parameter of vfio-pci");
            if (word.Key is not { } key || !Parameters.TryGetValue(key, out Func<VfioModuleParameters, bool, VfioModuleParameters>? set))
            {
                throw words.Expected($"one of {string.Join(", ", Parameters.Keys.Select(static name => $"{name}=1"))}", word);
            }

            module = set(module, words.OneOf(word.Value, ["0", "1"]) == "1");
        }
        while (!words.IsAtEnd);
        return module;
    }

    private static TimeSpan Wait(Words words) =>
        TimeSpan.FromMilliseconds(words.Number(words.Take("milliseconds"), "milliseconds", LongestWait));
}
