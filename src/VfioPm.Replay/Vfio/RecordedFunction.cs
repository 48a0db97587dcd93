using System.Text;
using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>A function of a recording's header: the silicon of the recording machine and its first state.</summary>
internal sealed class RecordedFunction
{
    private const int SysfsResourceLines = 13;

    private static readonly string[] ResourceFields = ["start", "end", "flags"];

    private readonly JsonObject _record;
    private readonly JsonObject _platform;
    private readonly byte[] _config;
    private readonly string? _parent;
    private readonly bool _isDark;

    /// <exception cref="RecordingException">Something is missing.</exception>
    public RecordedFunction(JsonObject record, JsonObject header)
    {
        _record = record;
        Address = record.Required<string>("bdf");
        Alias = record.Required<string>("alias");
        _parent = record.Optional<string>("parent");
        _config = Convert.FromHexString(record.Required<string>("config"));
        IEnumerable<JsonObject> platforms = header.RequiredList("platform").OfType<JsonObject>();
        _platform = platforms.FirstOrDefault(platform => (string?)platform["bdf"] == Address) ?? [];

        // Where the slot's power is really cut only the platform's note says so.
        _isDark = platforms.Any(static platform => HasNote(platform, "all-ones"));
    }

    public string Address { get; }

    public string Alias { get; }

    /// <summary>A port whose firmware is older than what the kernel trusts to put ports to sleep.</summary>
    public bool IsOfOldFirmware => HasNote(_platform, "firmware date before 2015");

    private bool IsPort => _record.Required<string>("type") == "root_port";

    // The recorder sets it where power can be cut: some ports begin with 0.
    private bool IsAllowedD3Cold => _platform.Optional<bool>("power_resource") && !HasNote(_platform, "as found");

    /// <summary>Whose virtual function it is, or null for others.</summary>
    public string? PhysicalFunction => _record.Optional<string>("physfn");

    /// <param name="host">Where to.</param>
    /// <param name="isUsed">Whether earlier scenarios of the boot have changed what no reset reaches.</param>
    /// <param name="virtualFunction">One of its virtual functions, or null.</param>
    public void AddTo(SimulatedHost host, bool isUsed, RecordedFunction? virtualFunction)
    {
        if (IsPort)
        {
            host.AddRootPort(Address, setup => SetUp(setup, isUsed, virtualFunction));
        }
        else
        {
            PciDevice? upstream = _parent is null ? null : host[_parent];
            host.Topology.AddEndpoint(Address, null, upstream, setup => SetUp(setup, isUsed, virtualFunction));
        }
    }

    /// <summary>
    /// What the recorder did before the scenario: a knob, and, unless that wants a fresh boot, a first binding of each
    /// endpoint.
    /// </summary>
    public void Prepare(SimulatedHost host, bool isFreshBoot)
    {
        PciDevice function = host[Address];
        if (IsAllowedD3Cold)
        {
            function.Sysfs.Write("d3cold_allowed", "1");
        }

        // 7.3 powers up what it finds (pci_pm_init()), which the model does not: there the binding stands in for it.
        bool isFoundAsleep = isFreshBoot && (string?)_record.RequiredObject("state")["ps"] == "unknown";
        if (!isFoundAsleep && _record.Required<string>("type") == "endpoint")
        {
            host.VfioPci.Bind(function).Unbind();
        }
    }

    private static bool HasNote(JsonObject platform, string words) =>
        platform.Optional<string>("notes")?.Contains(words, StringComparison.Ordinal) ?? false;

    private DeviceImage Image()
    {
        DeviceImage found = DeviceImage.FromConfigBytes(_config).WithResources(ResourceText());
        return PhysicalFunction is null ? EmulatedDevice.Refine(found) : EmulatedDevice.RefineVirtual(found);
    }

    private void SetUp(FunctionSetup setup, bool isUsed, RecordedFunction? virtualFunction)
    {
        DeviceImage image = Image();
        image = virtualFunction is null ? image : image.WithVirtualFunctions(virtualFunction.Image());
        setup.WithImage(image).WithBehavior(Behavior());
        if (EmulatedDevice.MakeRegisters(image, isUsed) is { } registers)
        {
            setup.WithRegisters(registers);
        }

        if (_record["iommu_group"] is JsonValue group)
        {
            setup.WithIommuGroup(group.GetValue<int>());
        }

        if (_platform.Optional<bool>("power_resource"))
        {
            setup.WithPowerResource();
        }

        if (_platform["s0w"] is JsonValue deepest)
        {
            setup.WithWake((PowerState)deepest.GetValue<int>());
        }
    }

    /// <summary>What is the emulator's doing, not the kernel's.</summary>
    private HardwareBehavior Behavior() => HardwareBehavior.Emulator with
    {
        // The port takes no notice of its resource, which switches what is below it: off, or only through a reset.
        AnswersWithoutPower = IsPort || !_isDark,
        KeepsRegistersWithoutPower = IsPort,
    };

    /// <summary>The lines of sysfs <c>resource</c>, the empty ones put back.</summary>
    private string ResourceText()
    {
        Dictionary<int, JsonObject> resources = _record.RequiredList("resources").OfType<JsonObject>()
            .ToDictionary(resource => resource.Required<int>("index"));
        StringBuilder text = new();
        for (int index = 0; index < SysfsResourceLines; index++)
        {
            JsonObject? resource = resources.GetValueOrDefault(index);
            text.AppendJoin(' ', ResourceFields.Select(field => Hex(resource, field))).Append('\n');
        }

        return text.ToString();
    }

    private static string Hex(JsonObject? resource, string field) =>
        $"0x{Convert.ToUInt64((string?)resource?[field] ?? "0x0", 16):x16}";
}
