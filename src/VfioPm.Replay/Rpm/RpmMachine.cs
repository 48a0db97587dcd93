using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>The kernel and the devices that the header of an <c>rpm-trace/1</c> describes.</summary>
internal sealed class RpmMachine
{
    private static readonly (string Release, RuntimePmRules Rules)[] Kernels =
    [
        ("5.10.", RuntimePmRules.Linux5_10),
        ("6.1.", RuntimePmRules.Linux6_1),
        ("6.12.", RuntimePmRules.Linux6_12),
        ("7.3.", RuntimePmRules.Linux7_3),
    ];

    // Of several suppliers the header names the first alone; the scenario has more.
    private static readonly Dictionary<(string Scenario, string Device), string[]> MoreSuppliers = new()
    {
        [("supplier_two_second_fails", "c2")] = ["t"],
    };

    /// <exception cref="RecordingException">The header describes no machine.</exception>
    public RpmMachine(JsonObject header)
    {
        string scenario = header.Optional<string>("name") ?? "";
        Core = new RuntimePmCore(RulesOf(header.RequiredObject("kernel")));
        Trace = new HostTrace(Core);
        Log = new CallbackLog();
        foreach (JsonNode? device in header.RequiredList("devices", InputLimits.Devices))
        {
            Add(device as JsonObject ?? throw new RecordingException("a device is not an object"), scenario);
        }
    }

    private RpmMachine(RuntimePmCore core)
    {
        Core = core;
        Trace = core.Events.Find<HostTrace>()!;
        Log = core.Devices.Count == 0 ? new CallbackLog() : RecorderDevice.Of(core.Devices[0]).Log;
    }

    public RuntimePmCore Core { get; }

    /// <summary>What happened.</summary>
    public HostTrace Trace { get; }

    /// <summary>What the callbacks did.</summary>
    public CallbackLog Log { get; }

    /// <summary>An independent copy.</summary>
    public RpmMachine Fork() => new(Core.Fork());

    /// <exception cref="RecordingException">There is none of that name.</exception>
    public RuntimePmDevice Device(string name) =>
        Core.Devices.FirstOrDefault(device => device.Name == name)
        ?? throw new RecordingException($"no such device: \"{name}\"");

    private static RuntimePmRules RulesOf(JsonObject kernel)
    {
        string release = kernel.Required<string>("release");
        foreach ((string prefix, RuntimePmRules rules) in Kernels)
        {
            if (release.StartsWith(prefix, StringComparison.Ordinal))
            {
                return rules;
            }
        }

        throw new RecordingException($"no rules for kernel {release}");
    }

    private void Add(JsonObject described, string scenario)
    {
        JsonObject callbacks = described.RequiredObject("callbacks");
        string? parent = described.Optional<string>("parent");
        RuntimePmDevice device = Core.AddDevice(
            described.Required<string>("name"),
            parent is null ? null : Device(parent),
            new RecorderDevice(Log, Enum.GetValues<RuntimePmCallback>()
                .Where(callback => callbacks.Optional<bool>(RecorderDevice.NameOf(callback)))));
        IEnumerable<string> suppliers = described.RequiredList("suppliers").Select(static supplier => $"{supplier}");
        foreach (string supplier in suppliers.Concat(MoreSuppliers.GetValueOrDefault((scenario, device.Name), [])))
        {
            device.AddSupplier(Device(supplier), managesRuntimePm: described.Optional<string>("link") != "plain");
        }
    }
}
