using System.Text;
using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>A function of a recording's header: the silicon of the recording machine and its first state.</summary>
internal sealed class RecordedFunction
{
    private const int SysfsResourceLines = 13;
    private const string RootPort = "root_port";
    private const string Endpoint = "endpoint";

    private static readonly string[] ResourceFields = ["start", "end", "flags"];

    private readonly JsonObject _record;
    private readonly JsonObject _platform;
    private readonly byte[] _config;
    private readonly string _type;
    private readonly string? _parent;
    private readonly bool _isDark;

    // How the model's own silicon deviates, where it was that and not the emulator's.
    private readonly HardwareBehavior? _ownBehavior;
    private readonly bool _isAllowedD3Cold;

    /// <exception cref="RecordingException">Something is missing.</exception>
    public RecordedFunction(JsonObject record, JsonObject header)
    {
        _record = record;
        Address = record.Required<string>("bdf");
        Alias = record.Required<string>("alias");
        _type = record.Required<string>("type");
        _parent = record.Optional<string>("parent");
        _config = Convert.FromHexString(record.Required<string>("config"));
        IEnumerable<JsonObject> platforms = header.RequiredList("platform").OfType<JsonObject>();
        _platform = platforms.FirstOrDefault(platform => (string?)platform["bdf"] == Address) ?? [];
        _ownBehavior = _platform["silicon"] is null ? null
            : BehaviorNames.Parse(_platform.RequiredList("silicon").Select(static name => name?.ToString() ?? ""));
        Unknown = IsEmulated ? EmulatedDevice.FindUnknown(DeviceImage.FromConfigBytes(_config)) : new UnknownBytes();

        // Where the slot's power is really cut only the platform's note says so.
        _isDark = platforms.Any(static platform => HasNote(platform, "all-ones"));

        // Where power can be cut the recorder allowed the ports what some begin without, unless it was to leave them so.
        _isAllowedD3Cold = _type.EndsWith("port", StringComparison.Ordinal)
            && platforms.Any(static platform => platform.Optional<bool>("power_resource"))
            && !platforms.Any(static platform => HasNote(platform, "as found"));
    }

    public string Address { get; }

    public string Alias { get; }

    /// <summary>A port whose firmware is older than what the kernel trusts to put ports to sleep.</summary>
    public bool IsOfOldFirmware => HasNote(_platform, "firmware date before 2015");

    /// <summary>A port whose slot the firmware serves.</summary>
    public bool HasSlotOfFirmware => HasNote(_platform, "hotplug is the firmware's");

    /// <summary>Whose virtual function it is, or null for others.</summary>
    public string? PhysicalFunction => _record.Optional<string>("physfn");

    /// <summary>What the recording does not tell of its registers.</summary>
    public UnknownBytes Unknown { get; }

    /// <summary>Whether it is no port.</summary>
    public bool IsEndpoint => _type == Endpoint;

    private bool IsEmulated => _ownBehavior is null;

    /// <param name="host">Where to.</param>
    /// <param name="virtualFunction">One of its virtual functions, or null.</param>
    public void AddTo(SimulatedHost host, RecordedFunction? virtualFunction)
    {
        PciDevice? upstream = _parent is null ? null : host[_parent];
        _ = _type switch
        {
            RootPort => host.AddRootPort(Address, SetUp),
            "upstream_port" when upstream is not null => upstream.AddUpstreamPort(Address, SetUp),
            "downstream_port" when upstream is not null => upstream.AddDownstreamPort(Address, SetUp),
            _ => host.Topology.AddEndpoint(Address, null, upstream, SetUp),
        };

        void SetUp(FunctionSetup setup) => this.SetUp(setup, virtualFunction);
    }

    /// <summary>What the recorder did to ports before the first scenario.</summary>
    public void AllowD3Cold(SimulatedHost host)
    {
        if (_isAllowedD3Cold)
        {
            host[Address].Sysfs.Write("d3cold_allowed", "1");
        }
    }

    private static bool HasNote(JsonObject platform, string words) =>
        platform.Optional<string>("notes")?.Contains(words, StringComparison.Ordinal) ?? false;

    private DeviceImage Image()
    {
        DeviceImage found = DeviceImage.FromConfigBytes(_config).WithResources(ResourceText());
        return !IsEmulated ? WithDataSelect(found)
            : PhysicalFunction is not null ? EmulatedDevice.RefineVirtual(found)
            : EmulatedDevice.Refine(found, hasPmcsr: !HasNote(_platform, "PMCSR cannot be written"));
    }

    /// <summary>The silicon of the model's that was recorded kept Data_Select, with a data register or without.</summary>
    private static DeviceImage WithDataSelect(DeviceImage image)
    {
        PmCapability pm = PciFunction.Standalone(image).Pm!;
        uint pmeEnable = (pm.Capabilities & PmRegisters.PmeSupportMask) != 0 ? PmRegisters.PmeEnable : 0u;
        return image.WithWritableBits(pm.ControlStatusOffset, 2, PmRegisters.StateMask | PmRegisters.DataSelectMask | pmeEnable);
    }

    private void SetUp(FunctionSetup setup, RecordedFunction? virtualFunction)
    {
        DeviceImage image = Image();
        image = virtualFunction is null ? image : image.WithVirtualFunctions(virtualFunction.Image());
        setup.WithImage(image).WithBehavior(Behavior());
        if (IsEmulated && EmulatedDevice.MakeRegisters(image, Unknown) is { } registers)
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
            // No port of the lab has a wake signal (_PRW).
            setup.WithDeepestWakeState((PowerState)deepest.GetValue<int>());
        }
    }

    /// <summary>What is the emulator's doing, not the kernel's.</summary>
    private HardwareBehavior Behavior() => _ownBehavior ?? EmulatedDevice.BehaviorOf(DeviceImage.FromConfigBytes(_config)) with
    {
        // The port takes no notice of its resource, which switches what is below it: off, or only through a reset.
        AnswersWithoutPower = _type == RootPort || !_isDark,
        KeepsRegistersWithoutPower = _type == RootPort,
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
