namespace VfioPm;

/// <summary>
/// The drivers that the kernel has, and which function is for whom (<c>drivers/pci/pci-driver.c</c>, <c>drivers/base/bus.c</c>):
/// what <c>/sys/bus/pci/drivers</c> lists.
/// </summary>
public sealed class PciDrivers : INumbered
{
    private readonly List<Entry> _entries = [];
    private readonly IPciBus _bus;
    private readonly Kernel _kernel;

    internal PciDrivers(IPciBus bus, Kernel kernel)
    {
        _bus = bus;
        _kernel = kernel;
        Add(PciPortDriver.Instance);
    }

    internal PciDrivers(PciDrivers original, IPciBus bus, ForkContext fork)
    {
        fork.Register(original, this);
        _bus = bus;
        _kernel = fork.Of(original._kernel);
        foreach (Entry entry in original._entries)
        {
            _entries.Add(new Entry(fork.Of(entry.Driver), [.. entry.Ids], entry.IsBuiltIn));
        }
    }

    /// <summary>The drivers, in order of registering.</summary>
    public IEnumerable<PciDriver> All => _entries.Select(static entry => entry.Driver);

    int INumbered.Index => 0;

    /// <summary>The driver of a name, in a fork too.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public PciDriver this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            return Find(name)?.Driver
                ?? throw new KeyNotFoundException($"No driver {name} is registered; there are {string.Join(", ", All.Select(static one => one.Name))}.");
        }
    }

    /// <summary>
    /// Loads a driver (<c>pci_register_driver()</c>): it is offered every function that it matches and that has no driver, those
    /// that are there and those that come later.
    /// </summary>
    /// <exception cref="ArgumentException">There is a driver of that name (-EBUSY).</exception>
    public void Register(PciDriver driver)
    {
        CheckNew(driver);
        using KernelEntry entry = KernelEntry.Call(_kernel, $"loaded {driver.Name}", driver.Name);
        entry.Run(Load(driver));
    }

    /// <summary>Begins <see cref="Register"/>.</summary>
    /// <exception cref="ArgumentException">There is a driver of that name (-EBUSY).</exception>
    public PendingCall BeginRegister(PciDriver driver)
    {
        CheckNew(driver);
        using KernelEntry entry = KernelEntry.Begin(_kernel, $"loaded {driver.Name}", driver.Name);
        return entry.Start(Load(driver));
    }

    /// <summary>Unloads a driver, which gives up all its functions (<c>pci_unregister_driver()</c>).</summary>
    /// <exception cref="ArgumentException">The driver is not registered, or is one of the library's own.</exception>
    public void Unregister(PciDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        if (_entries.Find(entry => entry.Driver == driver) is not { IsBuiltIn: false })
        {
            throw new ArgumentException($"Nobody registered the driver {driver.Name}.", nameof(driver));
        }

        using KernelEntry call = KernelEntry.Call(_kernel, $"unloaded {driver.Name}", driver.Name);
        call.Run(Unload(driver));
    }

    /// <summary>Those of the host in the fork.</summary>
    IForkable IForkable.Fork(ForkContext fork)
    {
        fork.Of(_bus);
        return fork.Of(this);
    }

    internal bool Has(PciDriver driver) => _entries.Exists(entry => entry.Driver == driver);

    /// <summary>One that is there from the beginning.</summary>
    internal void Add(PciDriver driver) => _entries.Add(new Entry(driver, [], IsBuiltIn: true));

    internal Entry? Find(string name) => _entries.Find(entry => entry.Driver.Name == name);

    /// <summary>Whether a function is for a driver.</summary>
    internal bool Matches(PciDriver driver, PciDevice device) =>
        _entries.Exists(entry => entry.Driver == driver && entry.Matches(device));

    /// <summary>The driver that a function is offered first, or null if there is none for it.</summary>
    internal PciDriver? FirstFor(PciDevice device) => _entries.Find(entry => entry.Matches(device))?.Driver;

    /// <summary>
    /// Looks for a driver of a function that has none, and has the function idle if there is none (<c>__device_attach()</c>). Those
    /// that match are asked in order of registering until one takes it.
    /// </summary>
    internal async KernelCall Attach(PciDevice device)
    {
        using (await device.Lock.Lock())
        {
            if (device.Driver is not null)
            {
                return;
            }

            await DriverBinding.HoldParent(device.RuntimePm);
            for (int at = NextMatch(device, 0); at >= 0 && device.Driver is null; at = NextMatch(device, at + 1))
            {
                await DriverBinding.Probe(device, _entries[at].Driver);
            }

            await PmRuntime.RequestIdle(device.RuntimePm);
            await DriverBinding.ReleaseParent(device.RuntimePm);
        }
    }

    /// <summary>More functions are for the driver now: it is offered them (<c>driver_attach()</c>).</summary>
    internal async KernelCall<int> Offer(PciDriver driver)
    {
        for (int i = 0; i < _bus.Devices.Count; i++)
        {
            PciDevice device = _bus.Devices[i];
            await Offer(device, driver);
            i = PlaceOf(device, i);
        }

        return 0;
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_entries.Count);
        foreach (Entry entry in _entries)
        {
            hash.Add(entry.Driver.Name);
            hash.Add(entry.IsBuiltIn);
            entry.Driver.AddTo(ref hash);
            hash.Add(entry.Ids.Count);
            foreach (DynamicId id in entry.Ids)
            {
                id.AddTo(ref hash);
            }
        }
    }

    /// <summary>The place of a function, or of the last before it, since it and others may have been removed (<c>klist_next()</c>).</summary>
    private int PlaceOf(PciDevice device, int before)
    {
        int place = Math.Min(before, _bus.Devices.Count - 1);
        while (place >= 0 && _bus.Devices[place].RuntimePm.Index > device.RuntimePm.Index)
        {
            place--;
        }

        return place;
    }

    /// <summary><c>__driver_attach()</c>.</summary>
    private async KernelCall Offer(PciDevice device, PciDriver driver)
    {
        // One that is being removed is on the bus no longer.
        if (device.IsDead || !Matches(driver, device))
        {
            return;
        }

        using (await device.Lock.Lock())
        {
            if (device.Driver is null)
            {
                await DriverBinding.Probe(device, driver);
            }
        }
    }

    /// <summary>The next driver that matches, from a place of the list on (<c>bus_for_each_drv()</c>).</summary>
    /// <returns>Its place, or -1.</returns>
    private int NextMatch(PciDevice device, int from) =>
        from < _entries.Count ? _entries.FindIndex(from, entry => entry.Matches(device)) : -1;

    private KernelCall<int> Load(PciDriver driver)
    {
        _entries.Add(new Entry(driver, [], IsBuiltIn: false));
        return Offer(driver);
    }

    /// <summary><c>driver_detach()</c>: whom it got last it gives up first.</summary>
    private async KernelCall Unload(PciDriver driver)
    {
        Remove(driver);
        while (LastOf(driver) is { } bound)
        {
            await DriverBinding.Release(bound);
        }
    }

    private PciDevice? LastOf(PciDriver driver) => _bus.Devices.LastOrDefault(device => device.Driver == driver);

    private void Remove(PciDriver driver) => _entries.RemoveAll(entry => entry.Driver == driver);

    private void CheckNew(PciDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        if (Find(driver.Name) is not null)
        {
            throw new ArgumentException($"There is a driver {driver.Name} already.", nameof(driver));
        }
    }

    /// <summary>A driver, and what the administrator said that it is for besides.</summary>
    internal sealed record Entry(PciDriver Driver, List<DynamicId> Ids, bool IsBuiltIn)
    {
        /// <summary>
        /// Whether a function is for the driver (<c>pci_match_device()</c>): one with an override is for the driver of that name, and
        /// for no other.
        /// </summary>
        public bool Matches(PciDevice device) => device.AllowsBinding && (device.DriverOverride is { } name
            ? name == Driver.Name
            : Ids.Exists(id => id.Matches(device)) || Driver.Matches(device));
    }
}
