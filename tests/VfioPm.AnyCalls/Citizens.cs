namespace VfioPm.AnyCalls;

/// <summary>
/// Those who do with a host what people do: users, guests, cards and an administrator, each as the kernel lets him. Whatever they do, and
/// in whatever order, the rules of explorations hold, but those that the kernel itself breaks.
/// </summary>
internal sealed class Citizens
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private static readonly (string Name, Action<Citizens> Act)[] Deeds =
    [
        ("open", static all => With(all.Bound, static device => device.BeginOpen())),
        ("close", static all => With(all.File, static file => file.BeginClose())),
        ("reset", static all => With(all.File, static file => file.BeginReset())),
        ("hot reset", static all => With(all.File, static file => file.BeginHotReset(file.Group))),
        ("D3hot", static all => With(all.FileWithPm, static file => file.Config.BeginWritePmcsrState(PowerState.D3Hot))),
        ("D0", static all => With(all.FileWithPm, static file => file.Config.BeginWritePmcsrState(PowerState.D0))),
        ("enable memory", static all => With(all.File, static file => file.BeginWrite(VfioRegion.Configuration, PciRegisters.Command, new UserMemory(6, 0)))),
        ("disable memory", static all => With(all.File, static file => file.BeginWrite(VfioRegion.Configuration, PciRegisters.Command, new UserMemory(0, 0)))),
        ("read status", static all => With(all.File, static file => file.BeginRead(VfioRegion.Configuration, PciRegisters.Status, new UserMemory(2)))),
        ("read BAR", static all => With(all.File, static file => file.BeginRead(0, 0, new UserMemory(4)))),
        ("map", static all => With(all.File, static file => file.TryMap(0, 0, 0x1000, out _))),
        ("touch", static all => With(all.Mapping, static mapping => mapping.Read(0, 4))),
        ("unmap", static all => With(all.Mapping, static mapping => mapping.Unmap())),
        ("low power", static all => With(all.File, static file => file.BeginEnterLowPower())),
        ("wakeup", static all => With(all.File, static file => file.BeginEnterLowPower(new EventFd()))),
        ("end low power", static all => With(all.File, static file => file.BeginExitLowPower())),
        ("INTx", static all => With(all.File, static file => file.BeginEnableIrqs(VfioIrqIndex.Intx, new EventFd()))),
        ("MSI-X", static all => With(all.File, static file => file.BeginEnableIrqs(VfioIrqIndex.MsiX, new EventFd(), new EventFd()))),
        ("mask", static all => With(all.File, static file => file.BeginMaskIntx())),
        ("unmask", static all => With(all.File, static file => file.BeginUnmaskIntx())),
        ("assert", static all => With(all.Opened, static device => device.Pci.Hardware.AssertInterrupt())),
        ("deassert", static all => With(all.Opened, static device => device.Pci.Hardware.DeassertInterrupt())),
        ("message", static all => With(all.Opened, static device => device.Pci.Hardware.SendMessage(0))),
        ("PME", static all => With(all.Bound, static device => device.Pci.Hardware.AssertPme())),
        ("lspci", static all => With(all.Function, static device => device.HostConfig.BeginRead(0, new UserMemory(64)))),
        ("keep on", static all => With(all.Function, static device => device.Sysfs.BeginWrite("power/control", "on"))),
        ("let sleep", static all => With(all.Function, static device => device.Sysfs.BeginWrite("power/control", "auto"))),
        ("reset in sysfs", static all => With(all.Function, static device => device.Sysfs.BeginWrite("reset", "1"))),
        ("boot", static all => With(all.File, file => all.Host.Boot(file, static setup => setup.WithWakeup()))),
        ("guest idle", static all => With(all.Guest, static guest => guest.Driver.BeginGoIdle())),
        ("guest busy", static all => With(all.Guest, static guest => guest.Driver.BeginUse())),
        ("shut down", static all => With(all.Guest, static guest => guest.Shutdown())),
        ("an event", static all => all.RunNext()),
        ("an event", static all => all.RunNext()),
        ("a while", static all => all.Advance(TimeSpan.FromMilliseconds(50))),
        ("long", static all => all.Advance(TimeSpan.FromSeconds(3))),
    ];

    private Random _random = new(0);
    private readonly Moment _moment;
    private readonly List<(Rule Rule, RuleWatch Watch)> _watches;

    public Citizens(SimulatedHost host, string machine)
    {
        Host = host;
        Machine = machine;
        var witness = new HardwareWitness();
        host.Topology.Events.Add(witness);
        _moment = new Moment(host, witness);
        _watches = [.. Rules.All.Select(rule => (rule, rule.Begin(host)))];
    }

    /// <summary>Which rules were broken, and how.</summary>
    public List<(Rule Rule, string How)> Broken { get; } = [];

    /// <summary>What they do it to.</summary>
    public string Machine { get; }

    /// <summary>What happened last.</summary>
    public string Story => Host.Trace.ToString();

    private SimulatedHost Host { get; }

    private PciDevice? Function => OneOf(Host.Devices);

    private VfioPciDevice? Bound => OneOf(Host.VfioPci.Devices);

    private VfioPciDevice? Opened => Bound is { IsOpen: true } device ? device : null;

    private VfioDeviceFile? File => OneOf([.. Host.VfioPci.Devices.SelectMany(static device => device.Files).Where(file => !file.IsClosed && !IsGuests(file))]);

    private VfioDeviceFile? FileWithPm => File is { Device.Pci.Hardware.Pm: not null } file ? file : null;

    private VfioMapping? Mapping => OneOf([.. Host.VfioPci.Devices.SelectMany(static device => device.Files).Where(file => !IsGuests(file)).SelectMany(static file => file.Mappings)]);

    private LinuxGuest? Guest => OneOf([.. Host.Guests.Where(static guest => guest.IsRunning)]);

    /// <summary>What a number says is done.</summary>
    /// <returns>What it was.</returns>
    public string Do(int number)
    {
        _random = new Random(number);
        (string name, Action<Citizens> act) = Deeds[_random.Next(Deeds.Length)];
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
        Advance(Rest);
        foreach (LinuxGuest guest in Host.Guests.Where(static guest => guest.IsRunning).ToList())
        {
            guest.Shutdown();
        }

        foreach (VfioDeviceFile file in Host.VfioPci.Devices.SelectMany(static device => device.Files).ToList())
        {
            foreach (VfioMapping mapping in file.Mappings.ToList())
            {
                mapping.Unmap();
            }

            file.Close();
        }

        foreach (PciDevice device in Host.Devices)
        {
            device.Hardware.DeassertInterrupt();
            device.Sysfs.Write("power/control", "auto");
        }

        Advance(Rest);
    }

    private bool IsGuests(VfioDeviceFile file) =>
        Host.Guests.Any(guest => guest.IsRunning && guest.Devices.Any(device => device.Virtual.File == file));

    private T? OneOf<T>(IReadOnlyList<T> all)
        where T : class => all.Count == 0 ? null : all[_random.Next(all.Count)];

    private static void With<T>(T? subject, Action<T> act)
        where T : class
    {
        if (subject is not null)
        {
            act(subject);
        }
    }

    private void RunNext()
    {
        if (Host.Clock.IsAnythingComing)
        {
            Host.Clock.RunNext(_random.Next(Host.Clock.CountNext()));
        }
    }

    private void Advance(TimeSpan time)
    {
        TimeSpan end = Host.Clock.Now + time;
        while (Host.Clock.CountNext() > 0 && Host.Clock.Next(0).Due <= end)
        {
            Host.Clock.RunNext(0);
            Judge();
        }

        Host.Clock.AdvanceTo(end);
        Judge();
    }

    private void Judge()
    {
        _moment.Look();
        for (int i = 0; i < _watches.Count; i++)
        {
            if (_watches[i].Watch.Look(_moment) is { } how)
            {
                Broken.Add((_watches[i].Rule, how));
                _watches[i] = (_watches[i].Rule, BrokenWatch.Instance);
            }
        }

        _moment.Forget();
    }
}
