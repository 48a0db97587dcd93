namespace VfioPm.AnyCalls;

/// <summary>
/// Those who do with a host what people do: users, guests, cards and an administrator, each as the kernel lets him. Whatever they do, and
/// in whatever order, the rules of explorations hold, but where the kernel itself breaks them.
/// </summary>
internal sealed class Citizens
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private readonly Moment _moment;
    private readonly List<(Rule Rule, RuleWatch Watch)> _watches;
    private readonly Collisions _collisions;

    // One that is being unbound is in the driver's list no longer, and its users still have it.
    private readonly HashSet<VfioPciDevice> _opened = [];
    private readonly HashSet<KernelThread> _underWay = [];
    private Random _random = new(0);

    public Citizens(SimulatedHost host, string machine)
    {
        Host = host;
        Machine = machine;
        _moment = new Moment(host);
        _watches = [.. Rules.All.Select(rule => (rule, rule.Begin(host)))];
        _collisions = new Collisions(host);
        host.RuntimePm.Events.Add(_collisions);
        host.Topology.Events.Add(_collisions);
        _collisions.Look(_moment);
    }

    /// <summary>Which rules were broken that the kernel keeps, and how.</summary>
    public List<(Rule Rule, string How)> Broken { get; } = [];

    /// <summary>What a call of theirs threw, if one did: none may.</summary>
    public Exception? Thrown { get; private set; }

    /// <summary>What they do it to.</summary>
    public string Machine { get; }

    /// <summary>What happened last.</summary>
    public string Story => Host.Trace.ToString();

    public SimulatedHost Host { get; }

    public PciDevice? Function => OneOf(Host.Devices);

    public PciFunction? Hardware => Function?.Hardware;

    // The slot's thread is waited for when its port is removed, and may be waiting for the same lock: that is not modelled.
    public PciDevice? Removable => OneOf([.. Host.Devices.Where(static device => device.Hotplug is null)]);

    public PciDevice? PortWithSlot => OneOf([.. Host.Devices.Where(static device => device.Hotplug is not null)]);

    public PciDevice? Unbound => OneOf([.. Host.Devices.Where(static device => device is { IsBridge: false, Driver: null })]);

    public VfioPciDevice? Bound => OneOf(Host.VfioPci.Devices);

    public VfioPciDevice? Opened => Bound is { IsOpen: true } device ? device : null;

    public VfioDeviceFile? File => OneOf([.. Files.Where(file => !file.IsClosed && !IsGuests(file))]);

    public VfioDeviceFile? FileWithPm => File is { Device.Pci.Hardware.Pm: not null } file ? file : null;

    public VfioMapping? Mapping => OneOf([.. Files.Where(file => !IsGuests(file)).SelectMany(static file => file.Mappings)]);

    public LinuxGuest? Guest => OneOf([.. Host.Guests.Where(static guest => guest.IsRunning)]);

    /// <summary>Does what a number says.</summary>
    /// <returns>What it was.</returns>
    public string Do(int number)
    {
        _random = new Random(number);
        (string name, Action<Citizens> act) = Deeds.All[_random.Next(Deeds.All.Length)];
        try
        {
            act(this);
        }
        catch (SimulationDeadlockException deadlock)
        {
            _moment.Deadlock = deadlock.Message;
        }

        Judge();
        return name;
    }

    /// <summary>All go home: nothing is left of what they did.</summary>
    public void End()
    {
        GoHome();
        foreach (PciDevice device in Host.Devices)
        {
            device.Hardware.DeassertInterrupt();
            device.Sysfs.BeginWrite("power/control", "auto");
        }

        Advance(Rest);
    }

    /// <summary>All go home, and the last one switches the machine off: each function keeps a count then, that it may not sleep any more.</summary>
    public void ShutDown(bool startsKernel)
    {
        GoHome();
        _watches.RemoveAll(static watched => watched.Rule == Rules.UsageBalanced);
        try
        {
            Host.Topology.Shutdown(startsKernel);
        }
        catch (SimulationDeadlockException deadlock)
        {
            _moment.Deadlock = deadlock.Message;
        }

        Judge();
    }

    private void GoHome()
    {
        Advance(Rest);
        foreach (LinuxGuest guest in Host.Guests.Where(static guest => guest.IsRunning).ToList())
        {
            guest.Shutdown();
        }

        Judge();

        // Who opens a card that was pulled out waits for it for more than a minute.
        while (_collisions.IsAnybodyOpening && Host.Clock.IsAnythingComing)
        {
            Advance(Rest);
        }

        foreach (VfioDeviceFile file in Files.ToList())
        {
            foreach (VfioMapping mapping in file.Mappings.ToList())
            {
                mapping.Unmap();
            }

            file.BeginClose();
        }

        Advance(Rest);
    }

    public void Open(VfioPciDevice device)
    {
        _opened.Add(device);
        _collisions.Watch(device, device.BeginOpen());
    }

    public void RunNext()
    {
        if (Host.Clock.IsAnythingComing)
        {
            Host.Clock.RunNext(_random.Next(Host.Clock.CountNext()));
        }
    }

    public void Advance(TimeSpan time)
    {
        TimeSpan end = Host.Clock.Now + time;
        while (Host.Clock.CountNext() > 0 && Host.Clock.Next(0).Due <= end)
        {
            Host.Clock.RunNext(0);
            Judge();
        }

        // Who runs in an event may have waited beyond the end.
        Host.Clock.Advance(end > Host.Clock.Now ? end - Host.Clock.Now : TimeSpan.Zero);
        Judge();
    }

    private IEnumerable<VfioDeviceFile> Files => _opened.SelectMany(static device => device.Files);

    private bool IsGuests(VfioDeviceFile file) =>
        Host.Guests.Any(guest => guest.IsRunning && guest.Devices.Any(device => device.Virtual.File == file));

    private T? OneOf<T>(IReadOnlyList<T> all)
        where T : class => all.Count == 0 ? null : all[_random.Next(all.Count)];

    private void Judge()
    {
        _moment.Look();
        _collisions.Look(_moment);
        Thrown ??= _underWay.Select(static thread => thread.Thrown).FirstOrDefault(static thrown => thrown is not null);
        _underWay.Clear();
        _underWay.UnionWith(Host.Kernel.Threads);
        for (int i = 0; i < _watches.Count; i++)
        {
            (Rule rule, RuleWatch watch) = _watches[i];
            if (watch.Look(_moment) is { } how && !KernelFaults.Excuse(Host.Profile, rule, how, _collisions))
            {
                Broken.Add((rule, how));
                _watches[i] = (rule, BrokenWatch.Instance);
            }
        }

        _moment.Forget();
        _collisions.Forget();
    }
}
