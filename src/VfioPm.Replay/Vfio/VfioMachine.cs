using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// A host as recordings and scenarios see it: its functions by name, and the eventfds of whoever uses them. It is the
/// one that the header of a <c>vfio-pm-trace/1</c> recording describes, as the recorder found it, or somebody's own.
/// </summary>
internal sealed class VfioMachine
{
    // The one scenario before which it did not, since it asks for a boot of its own ("# fresh").
    private const string FreshBoot = "fresh-boot-bind";

    private readonly IReadOnlyDictionary<string, string> _addresses;
    private readonly Dictionary<(string Address, string Slot), EventFd> _eventFds = [];
    private readonly Dictionary<string, UnknownBytes> _unknown;
    private bool _keepsPast;
    private Past? _past;

    /// <param name="header">The recording's header.</param>
    /// <param name="start">When its first event begins.</param>
    /// <param name="past">What it was like before.</param>
    /// <exception cref="RecordingException">The header describes no machine.</exception>
    public VfioMachine(JsonObject header, TimeSpan start, UnknownPast past)
    {
        List<RecordedFunction> all = [.. header.RequiredList("functions", InputLimits.Devices)
            .Select(node => new RecordedFunction(node as JsonObject ?? throw new RecordingException("a function is no object"), header))];
        _addresses = all.DistinctBy(function => function.Alias).ToDictionary(function => function.Alias, function => function.Address);
        _unknown = all.ToDictionary(function => function.Address, function => function.Unknown);
        Names = [.. all.Select(function => function.Address)];

        // Virtual functions come with their physical function, and when that has them enabled.
        List<RecordedFunction> functions = all.FindAll(function => function.PhysicalFunction is null);
        Host = new SimulatedHost(
            ProfileOf(header),
            ModuleOf(header),
            new Firmware
            {
                Year = functions.Exists(static function => function.IsOfOldFirmware) ? 2014 : 2021,
                GrantsHotplug = !functions.Exists(static function => function.HasSlotOfFirmware),
            },
            bootTime: start - UnknownPast.Preparation);
        foreach (RecordedFunction function in functions)
        {
            function.AddTo(Host, all.Find(other => other.PhysicalFunction == function.Address));
        }

        functions.ForEach(function => function.AllowD3Cold(Host));
        past.Live(Host, start, IsFreshBoot(header) ? [] :
            [.. functions.Where(static function => function.IsEndpoint).Select(function => Host[function.Address])]);
        Host.Trace.Clear();
        Log.Add(Host);
    }

    /// <param name="host">Somebody's host.</param>
    /// <param name="addresses">The addresses of its functions by what they are called: "ep" for "0000:01:00.0".</param>
    public VfioMachine(SimulatedHost host, IReadOnlyDictionary<string, string> addresses)
    {
        Host = host;
        Names = [.. addresses.Values];
        _addresses = addresses;
        _unknown = [];
    }

    private VfioMachine(VfioMachine original)
    {
        _keepsPast = original._keepsPast;
        _past = original._past;
        _addresses = original._addresses;
        Names = original.Names;
        ForkContext fork = new();
        Host = fork.Of(original.Host);
        Log = fork.Of(original.Log);
        foreach (((string, string) slot, EventFd eventFd) in original._eventFds)
        {
            _eventFds.Add(slot, fork.Of(eventFd));
        }

        _unknown = original._unknown.ToDictionary(pair => pair.Key, pair => fork.Of(pair.Value));
        if (Host.Kernel.Scheduler is PlannedScheduler planned)
        {
            Host.Kernel.Scheduler = planned.ForkTo(Log);
        }
    }

    public SimulatedHost Host { get; }

    /// <summary>What happened since the recorder looked last, on the machine of a recording.</summary>
    public EventLog Log { get; } = new();

    /// <summary>The time in the format's unit.</summary>
    public long Milliseconds => (long)Host.Clock.Now.TotalMilliseconds;

    /// <summary>The addresses in the header's order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The machine of a header, after boot and preparation, with whose devices nobody has done anything.</summary>
    /// <exception cref="RecordingException">The header describes no machine.</exception>
    public static VfioMachine Create(JsonObject header)
    {
        VfioMachine machine = new(header, 2 * UnknownPast.Preparation, UnknownPast.Usual);
        foreach (UnknownBytes unknown in machine._unknown.Values)
        {
            unknown.LearnAll();
        }

        return machine;
    }

    /// <summary>Whether no driver had ever been bound to a function when it began.</summary>
    public static bool IsFreshBoot(JsonObject header) =>
        header.Optional<bool>("fresh") || header.Optional<string>("name") == FreshBoot;

    /// <summary>The parameters of vfio-pci.</summary>
    /// <exception cref="RecordingException">They are not there.</exception>
    public static VfioModuleParameters ModuleOf(JsonObject header)
    {
        JsonObject module = header.RequiredObject("module");
        return new VfioModuleParameters
        {
            DisableIdleD3 = module.Optional<bool>("disable_idle_d3"),
            NoIntxMask = module.Optional<bool>("nointxmask"),
            DisableVga = module.Optional<bool>("disable_vga"),
            EnableSriov = module.Optional<bool>("enable_sriov"),
        };
    }

    /// <summary>The scheduler whose plan it follows.</summary>
    public PlannedScheduler Scheduler => (PlannedScheduler)Host.Kernel.Scheduler;

    public VfioMachine Fork() => new(this);

    /// <summary>From now on the choices of the kernel's scheduler are those of a plan, and then the usual ones.</summary>
    public void Follow(IReadOnlyList<int> plan)
    {
        IKernelScheduler usual = Host.Kernel.Scheduler is PlannedScheduler planned ? planned.Usual : Host.Kernel.Scheduler;
        Host.Kernel.Scheduler = new PlannedScheduler(usual, Log, Host.Profile.RuntimePm.WokenCallersPreempt, plan);
    }

    /// <summary>Empties the log, as the recorder did that threw away what was traced since it looked last.</summary>
    public void SetTraceAside()
    {
        Log.Clear();
        if (_keepsPast)
        {
            _past = new Past(_past, [.. Host.Trace.Entries]);
        }

        Host.Trace.Clear();
    }

    /// <summary>Keeps all that happens, and why each device is as it is, for a picture of it.</summary>
    public void KeepReasons()
    {
        _keepsPast = true;
        Host.Trace.KeepReasons();
    }

    /// <summary>All that happened on the machine since it was made, and on those that it was forked from.</summary>
    public Picture Draw(string title)
    {
        Stack<IEnumerable<TraceEntry>> entries = new([Host.Trace.Entries]);
        for (Past? past = _past; past is not null; past = past.Earlier)
        {
            entries.Push(past.Entries);
        }

        return Picture.Of(Host.Trace, [.. entries.SelectMany(part => part)], title);
    }

    /// <summary>Which function is meant by a name or an address, or null.</summary>
    public string? AddressOf(string name) =>
        _addresses.TryGetValue(name, out string? address) ? address : Names.FirstOrDefault(known => known == name);

    /// <summary>What a function is called whose address is known.</summary>
    public string AliasOf(string address) => _addresses.First(known => known.Value == address).Key;

    /// <summary>The function at an address.</summary>
    /// <exception cref="RecordingException">The machine has no such function.</exception>
    /// <exception cref="InvalidOperationException">It is not there now.</exception>
    public PciDevice Function(string address) => Find(address)
        ?? throw new InvalidOperationException($"{address} is not there");

    /// <summary>The function at an address, or null where it is not there: a virtual one that is not enabled.</summary>
    /// <exception cref="RecordingException">The machine has no such function.</exception>
    public PciDevice? Find(string address) => Names.Contains(address)
        ? Host.Topology.Find(PciAddress.Parse(address))
        : throw new RecordingException($"the header has no function {address}");

    /// <summary>The function as vfio-pci has it, or null where it is not bound, or not there.</summary>
    public VfioPciDevice? Bound(string address)
    {
        PciDevice? function = Find(address);
        return Host.VfioPci.Devices.FirstOrDefault(device => device.Pci == function);
    }

    /// <summary>The device file that was opened last and is not closed.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public VfioDeviceFile File(string address) => FindFile(address)
        ?? throw new InvalidOperationException($"{address} is not open");

    /// <summary>The same, or null where there is none.</summary>
    public VfioDeviceFile? FindFile(string address) => Bound(address)?.Files.LastOrDefault(static file => !file.IsClosed);

    /// <summary>What is mapped of a function, the oldest first, also by files that are closed.</summary>
    public IEnumerable<VfioMapping> Mappings(string address) =>
        Bound(address)?.Files.SelectMany(static file => file.Mappings) ?? [];

    /// <summary>The recorder's eventfd of a name, such as "wake" or "irq1.0"; it makes each when it is first mentioned.</summary>
    public EventFd EventFd(string address, string slot)
    {
        if (!_eventFds.TryGetValue((address, slot), out EventFd? eventFd))
        {
            eventFd = new EventFd();
            _eventFds.Add((address, slot), eventFd);
        }

        return eventFd;
    }

    /// <summary>What the recording does not tell of a function's registers.</summary>
    public UnknownBytes Unknown(string address) => _unknown.GetValueOrDefault(address) ?? new UnknownBytes();

    /// <summary>The groups that the recorder has open: those of the open devices.</summary>
    public FileDescriptor[] OpenGroups() => [.. Names
        .Select(FindFile)
        .OfType<VfioDeviceFile>()
        .Select(static file => file.Device.Pci.IommuGroup)
        .Distinct()
        .Select(group => FileDescriptor.FromVfioGroup(new VfioGroup(group)))];

    /// <summary>
    /// The event that was answered, completed as the recorder does it: with when it looked, what sysfs says of every
    /// function that is there, and the lines of the trace since the last event.
    /// </summary>
    /// <param name="answered">The event.</param>
    /// <param name="traced">How many entries of the trace belong to earlier events.</param>
    public JsonObject Observe(JsonObject answered, long traced = 0)
    {
        string[] lines = [.. Host.Trace.After(traced)
            .Where(static entry => entry.Kind == TraceKind.Rpm)
            .Select(static entry => entry.Rpm.ToString())];
        return new Observation(this, lines).AddTo((JsonObject)answered.DeepClone());
    }

    /// <summary>What sysfs says of every function that is there.</summary>
    public JsonObject State() => FunctionState.ToJson(States());

    /// <summary>The same, not written down.</summary>
    public IReadOnlyList<(string Function, FunctionState State)> States()
    {
        List<(string, FunctionState)> states = new(Names.Count);
        foreach (string name in Names)
        {
            if (Find(name) is { } function)
            {
                states.Add((name, FunctionState.Of(function.Sysfs)));
            }
        }

        return states;
    }

    private static KernelProfile ProfileOf(JsonObject header)
    {
        string name = header.Required<string>("profile");
        return KernelProfile.All.FirstOrDefault(profile => profile.Name == name)
            ?? throw new RecordingException($"profile \"{name}\" is unknown");
    }

    /// <summary>What was set aside of the trace. Forks share what was before them.</summary>
    private sealed record Past(Past? Earlier, TraceEntry[] Entries);
}
