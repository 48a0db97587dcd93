namespace VfioPm;

/// <summary>
/// What functions ask of those who enumerated them (<c>pci_bus_type</c>, <c>drivers/pci/probe.c</c>, <c>remove.c</c>).
/// </summary>
internal interface IPciBus : INumbered
{
    /// <summary>Which kernel's decisions are taken.</summary>
    PciPowerRules Rules { get; }

    /// <summary>What the kernel was booted with.</summary>
    KernelCommandLine CommandLine { get; }

    /// <summary>The least time that anybody gets after D3hot (<c>pci_pm_d3hot_delay</c>).</summary>
    TimeSpan LeastD3HotDelay { get; }

    /// <summary>Whether nobody gets message interrupts (not <c>pci_msi_enable</c>).</summary>
    bool ForbidsMessages { get; }

    /// <summary>All functions, bridges before what is below them.</summary>
    IReadOnlyList<PciDevice> Devices { get; }

    /// <summary>Those who are told what becomes of the functions' power.</summary>
    EventChannel<IPciPowerListener> Events { get; }

    /// <summary>The machine's table of message interrupts.</summary>
    MessageHandles MessageHandles { get; }

    /// <summary>Who adds functions or removes them holds it (<c>pci_rescan_remove_lock</c>).</summary>
    KernelMutex RescanRemove { get; }

    /// <summary>The hotplug service of a port, or null where there is none.</summary>
    IHotplugService? HotplugOf(PciDevice port);

    /// <summary>A card comes into the slot below a port, of which the kernel does not know yet.</summary>
    void InsertCard(PciDevice port, string address, DeviceImage image, Action<FunctionSetup>? setup);

    /// <summary>The lines of the machine's interrupt controller.</summary>
    InterruptLines InterruptLines { get; }

    /// <summary>What suspending, resuming and idling a function does (<c>pci_dev_pm_ops</c>).</summary>
    RuntimePmCallbacks CallbacksOf(PciDevice function);

    /// <summary>What sysfs shows of it (<c>pci_dev_groups</c>).</summary>
    ISysfsAttributes AttributesOf(PciDevice function);

    /// <summary>What a root port does about PMEs.</summary>
    IPmeService PmeServiceOf(PciDevice port);

    /// <summary>What the firmware's wake signal for a function brings about.</summary>
    WorkItem WakeOf(PciDevice function);

    /// <inheritdoc cref="PciTopology.Find"/>
    PciDevice? Find(PciAddress address);

    /// <inheritdoc cref="PciTopology.AddEndpoint"/>
    PciDevice AddEndpoint(string address, DeviceImage? image, PciDevice? upstream, Action<FunctionSetup>? setup);

    /// <summary>Adds a port, with its driver bound (<c>pcieport</c>).</summary>
    PciDevice AddPort(string address, ExpressPortType type, PciDevice? upstream, Action<FunctionSetup>? setup);

    /// <summary>Adds a virtual function: below the same bridge as the physical one, but in a group of its own.</summary>
    KernelCall<PciDevice> AddVirtualFunction(PciDevice physical, int number);

    /// <summary>Gives a function that was added to a driver, if there is one for it (<c>pci_bus_add_device()</c>).</summary>
    KernelCall Attach(PciDevice function);

    /// <summary>Whether a driver is registered.</summary>
    bool Has(PciDriver driver);

    /// <summary>Gives a function to a driver by hand (<c>device_driver_attach()</c>).</summary>
    KernelCall<int> Bind(PciDevice function, PciDriver driver);

    /// <summary>Takes a function from its driver by hand (<c>unbind_store()</c>).</summary>
    KernelCall<int> Unbind(PciDevice function);

    /// <summary>
    /// Takes a function and all below it from their drivers and off the host, until a rescan
    /// (<c>pci_stop_and_remove_bus_device()</c>).
    /// </summary>
    KernelCall Remove(PciDevice function);

    /// <summary>
    /// Finds those that were removed and answer, right below a bridge, or without one on the root buses
    /// (<c>pci_scan_slot()</c>, <c>pci_bus_add_devices()</c>).
    /// </summary>
    KernelCall FindBelow(PciDevice? bridge);

    /// <summary>Whether the kernel looks every second if the function asserts PME# (<c>pci_pme_list</c>).</summary>
    KernelCall PollForPme(PciDevice function, bool polled);
}
