using System.ComponentModel;

namespace VfioPm;

/// <summary>The vfio-pci module of a host (<c>drivers/vfio/pci/vfio_pci.c</c>): it binds functions for users.</summary>
public sealed class VfioPciDriver : PciDriver
{
    private const string Binding = "bound to vfio-pci";

    private readonly KeyedList<PciDevice, VfioPciDevice> _bound = new(static bound => bound.Pci);
    private readonly KeyedList<PciDevice, DeviceSet> _sets = new(static set => set.Key);
    private readonly PublishedList<Iommufd> _iommufds = [];
    private readonly RuntimePmCore _core;

    internal VfioPciDriver(RuntimePmCore core, VfioRules rules, VfioModuleParameters parameters)
    {
        _core = core;
        Events = new EventChannel<IVfioListener>(core.Clock.Calls);
        Descriptors = new DescriptorTable(core.Clock);
        Rules = rules;
        Parameters = parameters;
    }

    private VfioPciDriver(VfioPciDriver original, ForkContext fork)
    {
        fork.Register(original, this);
        Events = fork.Of(original.Events);
        _core = fork.Of(original._core);
        Rules = original.Rules;
        Parameters = original.Parameters;
        Descriptors = fork.Of(original.Descriptors);
        fork.CopyAll(original._iommufds, _iommufds);
        fork.CopyAll(original._bound.All, _bound.All);
        fork.CopyAll(original._sets.All, _sets.All);
    }

    /// <inheritdoc/>
    public override string Name => "vfio-pci";

    /// <summary>What the module was loaded with.</summary>
    public VfioModuleParameters Parameters { get; private set; }

    /// <summary>The bound functions, in order of binding.</summary>
    public IReadOnlyList<VfioPciDevice> Devices => _bound.All;

    /// <summary>The bound function at an address such as "0000:01:00.0", in a fork too.</summary>
    /// <exception cref="FormatException"><paramref name="address"/> is no address.</exception>
    /// <exception cref="KeyNotFoundException">vfio-pci does not have it.</exception>
    public VfioPciDevice this[string address]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(address);
            var wanted = PciAddress.Parse(address);
            return _bound.All.Find(device => device.Pci.Address == wanted)
                ?? throw new KeyNotFoundException($"vfio-pci does not have {address}: bind it first.");
        }
    }

    /// <summary>The iommufds that are open, or have devices, in order of opening.</summary>
    public IReadOnlyList<Iommufd> Iommufds => [.. _iommufds.Where(static iommufd => iommufd.IsHeld)];

    /// <summary>The numbers of the descriptors that users of devices pass in arguments of ioctls.</summary>
    public DescriptorTable Descriptors { get; }

    /// <summary>Who is told when what the user of a device sees may have changed.</summary>
    public EventChannel<IVfioListener> Events { get; }

    internal VfioRules Rules { get; }


    /// <inheritdoc/>
    protected internal override bool HasPmOps => Rules.HasPmOps;

    /// <inheritdoc/>
    protected internal override bool HasRuntimeSuspend => Rules.HasOwnCallbacks;

    /// <inheritdoc/>
    protected internal override bool HasRuntimeResume => Rules.HasOwnCallbacks;

    /// <summary>Binds a function, as writing its address to the driver's <c>bind</c> in sysfs does.</summary>
    /// <exception cref="ArgumentException">The function belongs to another host.</exception>
    /// <exception cref="InvalidOperationException">The kernel refuses; the message says what it returned.</exception>
    public VfioPciDevice Bind(PciDevice device)
    {
        KernelResult result = TryBind(device);
        return !result.IsError
            ? Find(device)
            : throw new InvalidOperationException($"vfio-pci does not bind {device.Name}: {result}{HintOn(device)}.");
    }

    /// <summary>Binds a function, or says why not.</summary>
    /// <returns>
    /// 0; -EBUSY where a driver has it already, or virtual functions are enabled; -EINVAL for a bridge; -ENODEV for one that is being found
    /// or removed.
    /// </returns>
    /// <exception cref="ArgumentException">The function belongs to another host.</exception>
    public KernelResult TryBind(PciDevice device)
    {
        CheckOwn(device);
        using KernelEntry entry = KernelEntry.Call(_core.Kernel, Binding, device.Name);
        return entry.Run(DriverBinding.Bind(device, this));
    }

    /// <summary>Begins <see cref="TryBind"/>.</summary>
    /// <exception cref="ArgumentException">The function belongs to another host.</exception>
    public PendingCall BeginBind(PciDevice device)
    {
        CheckOwn(device);
        using KernelEntry entry = KernelEntry.Begin(_core.Kernel, Binding, device.Name);
        return entry.Start(DriverBinding.Bind(device, this));
    }

    /// <summary>Opens <c>/dev/iommu</c>.</summary>
    /// <exception cref="InvalidOperationException">The kernel has none (<c>KernelProfile.WithDeviceCdev()</c>).</exception>
    public Iommufd OpenIommufd()
    {
        if (!Rules.HasDeviceCdev)
        {
            throw new InvalidOperationException("The kernel is built without iommufd: see KernelProfile.WithDeviceCdev().");
        }

        lock (_core.Clock.Gate)
        {
            while (_iommufds.Find(static iommufd => !iommufd.IsHeld) is { } forgotten)
            {
                _iommufds.Remove(forgotten);
            }

            int number = 0;
            while (_iommufds.Exists(other => other.Index == number))
            {
                number++;
            }

            Iommufd opened = new(_core.Clock, number);
            _iommufds.Add(opened);
            return opened;
        }
    }

    /// <summary>
    /// Loads the module again with other parameters, which are those of its core too (<c>vfio_pci_core_set_params()</c>). It can be
    /// unloaded only while it has no function itself; those of drivers that are made of its core (<c>mlx5-vfio-pci</c> and the
    /// like) stay bound, and here all that are bound count as theirs.
    /// </summary>
    public void Reload(VfioModuleParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        lock (_core.Clock.Gate)
        {
            Parameters = parameters;
        }
    }

    /// <inheritdoc/>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public override IForkable Fork(ForkContext fork) => new VfioPciDriver(this, fork);

    /// <inheritdoc/>
    public override void AddTo(ref StateHash hash)
    {
        Parameters.AddTo(ref hash);
        Descriptors.AddTo(ref hash);
        foreach (Iommufd iommufd in _iommufds)
        {
            // One that nobody holds is as good as gone.
            if (iommufd.IsHeld)
            {
                iommufd.AddTo(ref hash);
            }
        }


        hash.Add(_bound.All.Count);
        foreach (VfioPciDevice device in _bound.All)
        {
            device.AddTo(ref hash);
        }

        hash.Add(_sets.All.Count);
        foreach (DeviceSet set in _sets.All)
        {
            set.AddTo(ref hash);
        }
    }

    /// <summary><c>vfio_pci_probe()</c>.</summary>
    protected internal override async KernelCall<int> Probe(PciDevice device)
    {
        if (device.IsBridge)
        {
            return -Errno.EINVAL;
        }

        // Nobody knows who uses virtual functions that are there already.
        if (device.Sriov is { NumVfs: > 0 })
        {
            return -Errno.EBUSY;
        }

        VfioPciDevice? bound = null;
        while (bound is null)
        {
            DeviceSet set = AssignSet(device);
            using (await set.Lock.Lock())
            {
                // If its last member left meanwhile, it is gone.
                if (_sets.With(set.Key).Contains(set))
                {
                    bound = new VfioPciDevice(this, device, set);
                    _bound.Add(bound);
                    set.Add(bound);
                }
            }
        }

        await bound.Register();
        return 0;
    }

    /// <summary><c>vfio_pci_remove()</c>.</summary>
    protected internal override async KernelCall Remove(PciDevice device)
    {
        VfioPciDevice bound = Find(device);
        await bound.Unregister();
        _bound.Remove(bound);
        using (await bound.Set.Lock.Lock())
        {
            if (bound.Set.Remove(bound))
            {
                _sets.Remove(bound.Set);
            }
        }
    }

    /// <summary><c>vfio_pci_core_runtime_suspend()</c>.</summary>
    protected internal override KernelCall<int> RuntimeSuspend(PciDevice device) => Find(device).Power.RuntimeSuspend();

    /// <summary><c>vfio_pci_core_runtime_resume()</c>.</summary>
    protected internal override KernelCall<int> RuntimeResume(PciDevice device) => Find(device).Power.RuntimeResume();

    /// <summary><c>vfio_pci_sriov_configure()</c>.</summary>
    protected internal override KernelCall<int> ConfigureSriov(PciDevice device, int count) =>
        Parameters.EnableSriov ? Find(device).ConfigureSriov(count) : -Errno.ENOENT;

    /// <summary>Whose physical function it has, it has too (<c>vfio_pci_bus_notifier()</c>).</summary>
    protected internal override bool CapturesVirtualFunctions => true;

    /// <summary>The vfio device of a function, or null where vfio-pci does not drive it.</summary>
    internal static VfioPciDevice? TryFind(PciDevice device) =>
        (device.Driver as VfioPciDriver)?.FindBound(device);

    internal override bool DeniesAlike => true;

    /// <inheritdoc/>
    protected internal override bool ManagesDma => true;

    /// <inheritdoc/>
    internal override bool HasResetHandlers => false;

    internal override bool HasUser(PciDevice device) => FindBound(device) is { HasUser: true };

    /// <inheritdoc/>
    protected internal override bool OnLineInterrupt(PciDevice device) =>
        Find(device).Session is { } session && session.Interrupts.Intx.Handle();

    internal override void OnMessageInterrupt(PciDevice device, int vector) =>
        Find(device).Session?.Interrupts.HandleVector(vector);

    private static string HintOn(PciDevice device) =>
        device.Driver is { } driver ? $", since {driver.Name} has it"
        : device.IsBridge ? ", since it is a bridge"
        : "";

    /// <summary>No lambda, which would be allocated: callbacks ask.</summary>
    internal VfioPciDevice? FindBound(PciDevice device)
    {
        foreach (VfioPciDevice bound in _bound.With(device))
        {
            if (bound.Pci == device)
            {
                return bound;
            }
        }

        return null;
    }

    private VfioPciDevice Find(PciDevice device) => FindBound(device)
        ?? throw new InvalidOperationException($"vfio-pci does not have {device.Name}.");

    private void CheckOwn(PciDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Core != _core)
        {
            throw new ArgumentException($"{device.Name} belongs to another host.", nameof(device));
        }
    }

    /// <summary>
    /// <c>vfio_assign_device_set()</c>: by bus, except on a root bus; virtual functions each by itself.
    /// </summary>
    private DeviceSet AssignSet(PciDevice device)
    {
        DeviceSet? set = _sets.With(DeviceSet.KeyOf(device)).Find(known => known.Takes(device));
        if (set is null)
        {
            set = new DeviceSet(_core.Kernel, device);
            _sets.Add(set);
        }

        return set;
    }
}
