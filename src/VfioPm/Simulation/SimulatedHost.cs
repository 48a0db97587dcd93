using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace VfioPm;

/// <summary>
/// A simulated machine with its kernel: PCI functions, firmware, runtime PM, the PCI core and vfio-pci. Nothing
/// in it needs hardware, root, a kernel, or real time.
/// </summary>
/// <remarks>
/// A host may be used from several threads; its public entry points take the host's lock. Independent hosts
/// share nothing.
/// </remarks>
public sealed class SimulatedHost : IForkable, IDisposable
{
    private readonly PublishedList<LinuxGuest> _guests = [];
    private int _booted;

    /// <summary>A machine without devices.</summary>
    /// <param name="profile">Which kernel; the RFC's by default.</param>
    /// <param name="module">What vfio-pci is loaded with.</param>
    /// <param name="firmware">What the firmware says of the machine.</param>
    /// <param name="loggerFactory">Where the kernel's log goes beside <see cref="Log"/>.</param>
    /// <param name="bootTime">How long the machine has been up.</param>
    /// <param name="commandLine">What the kernel was booted with.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bootTime"/> is beyond what a clock can show.</exception>
    public SimulatedHost(
        KernelProfile? profile = null,
        VfioModuleParameters? module = null,
        Firmware? firmware = null,
        ILoggerFactory? loggerFactory = null,
        TimeSpan bootTime = default,
        KernelCommandLine? commandLine = null)
    {
        VirtualClock.CheckMoment(bootTime, nameof(bootTime));
        ILogger logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("VfioPm.Kernel");
        Profile = profile ?? KernelProfile.RfcV1;
        Firmware = firmware ?? new Firmware();
        Clock = new VirtualClock(bootTime);
        RuntimePm = new RuntimePmCore(Profile.RuntimePm, Clock, logger);
        Kernel.GivesWay = Profile.RuntimePm.PreemptsVoluntarily;
        Topology = new PciTopology(RuntimePm, Firmware, Profile.Pci, commandLine ?? new KernelCommandLine());
        VfioPci = new VfioPciDriver(RuntimePm, Profile.Vfio, module ?? new VfioModuleParameters());
        Drivers.Add(VfioPci);
        SystemSleep = new SystemSleep(RuntimePm, Topology);
        PowerSysfs = new PciSysfs(Kernel, "/sys/power", new PowerAttributes(SystemSleep, RuntimePm));
        Trace = new HostTrace(RuntimePm, Topology, VfioPci, Profile.Name);
    }

    private SimulatedHost(SimulatedHost original, ForkContext fork)
    {
        fork.Register(original, this);
        Profile = original.Profile;
        Firmware = original.Firmware;
        Clock = fork.Of(original.Clock);
        RuntimePm = fork.Of(original.RuntimePm);
        VfioPci = fork.Of(original.VfioPci);
        Trace = fork.Of(original.Trace);
        Topology = fork.Of(original.Topology);
        SystemSleep = fork.Of(original.SystemSleep);
        PowerSysfs = new PciSysfs(original.PowerSysfs, fork);
        fork.CopyAll(original._guests, _guests);
        _booted = original._booted;
    }

    /// <summary>Which kernel this is.</summary>
    public KernelProfile Profile { get; }

    /// <summary>What the firmware says of the machine.</summary>
    public Firmware Firmware { get; }

    /// <summary>The functions and how they hang together.</summary>
    public PciTopology Topology { get; }

    /// <summary>The time, and all that waits for it.</summary>
    public VirtualClock Clock { get; }

    /// <summary>The kernel's threads, and who goes on.</summary>
    public Kernel Kernel => RuntimePm.Kernel;

    /// <summary>The runtime-PM core.</summary>
    public RuntimePmCore RuntimePm { get; }

    /// <summary>What the kernel said (<c>dmesg</c>).</summary>
    public KernelLog Log => RuntimePm.Log;

    /// <summary>The vfio-pci module.</summary>
    public VfioPciDriver VfioPci { get; }

    /// <summary>The drivers that the kernel has: vfio-pci, that of ports, and a test's own.</summary>
    public PciDrivers Drivers => Topology.Drivers;

    /// <summary>The sleep of the whole machine.</summary>
    public SystemSleep SystemSleep { get; }

    /// <summary>What is under <c>/sys/power</c>: "state", "mem_sleep", "pm_test" and "wakeup_count".</summary>
    public PciSysfs PowerSysfs { get; }

    /// <summary>What happened.</summary>
    public HostTrace Trace { get; }

    /// <summary>The functions in order of adding.</summary>
    public IReadOnlyList<PciDevice> Devices => Topology.Devices;

    /// <summary>The guests in order of booting; one that is off goes when another boots.</summary>
    public IReadOnlyList<LinuxGuest> Guests => _guests;

    /// <summary>The function at an address such as "0000:01:00.0".</summary>
    /// <exception cref="FormatException"><paramref name="address"/> is no address.</exception>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public PciDevice this[string address]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(address);
            return this[PciAddress.Parse(address)];
        }
    }

    /// <summary>The function at an address.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public PciDevice this[PciAddress address] => Topology.Find(address)
        ?? throw new KeyNotFoundException(
            $"The host has no function at {address}, but {string.Join(", ", Devices.Select(device => device.Name))}.");

    /// <inheritdoc cref="PciTopology.AddRootPort"/>
    public PciDevice AddRootPort(string address, Action<FunctionSetup>? setup = null) =>
        Topology.AddRootPort(address, setup);

    /// <summary>Adds a function to a root bus; a driver that is for it takes it.
    /// <see cref="PciDevice.AddEndpoint"/> adds one below a port.</summary>
    /// <param name="address">Where: "0000:00:05.0".</param>
    /// <param name="image">What it is made from; an Intel 82574L network adapter by default.</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="FormatException"><paramref name="address"/> is no address.</exception>
    /// <exception cref="ArgumentException">
    /// There is a function at that address, or its bus is right below a bridge.
    /// </exception>
    public PciDevice AddEndpoint(string address, DeviceImage? image = null, Action<FunctionSetup>? setup = null) =>
        Topology.AddEndpoint(address, image, upstream: null, setup);

    /// <summary>Starts a virtual machine with an open device; its driver in the guest is busy at first.</summary>
    /// <param name="device">The open device; the guest's VMM closes it.</param>
    /// <param name="setup">What the VMM makes of it, and how the guest's driver is.</param>
    /// <exception cref="ArgumentException">The device belongs to another host.</exception>
    /// <exception cref="ObjectDisposedException">The device was closed.</exception>
    public LinuxGuest Boot(VfioDeviceFile device, Action<VirtualDeviceSetup>? setup = null)
    {
        lock (Clock.Gate)
        {
            int number = Enumerable.Range(1, _guests.Count + 1).First(free => !_guests.Exists(guest => guest.Number == free));
            var guest = new LinuxGuest(number, _booted == 0 ? "guest" : $"guest{_booted + 1}", RuntimePm, Topology.Rules);
            guest.Add(device, setup);
            _booted++;
            _guests.RemoveAll(static other => !other.IsRunning);
            _guests.Add(guest);
            return guest;
        }
    }

    /// <summary>An independent copy, pending work and open devices included.</summary>
    /// <remarks>
    /// What belongs to this host has a counterpart in the copy, at the same place: a function is
    /// <c>copy["0000:01:00.0"]</c>, a bound one <c>copy.VfioPci["0000:01:00.0"]</c>, its open files are that one's
    /// <c>Files</c> in order of opening, a guest is <c>copy.Guests[0]</c>, and its device
    /// <c>copy.Guests[0]["0000:01:00.0"]</c>. For what has no place in the host, such as an <see cref="EventFd"/>, fork it
    /// with the host: <c>var fork = new ForkContext(); SimulatedHost copy = fork.Of(host);</c> and then
    /// <c>fork.Of(eventFd)</c>.
    /// </remarks>
    /// <exception cref="InvalidOperationException">Called from inside a call that the host is carrying out.</exception>
    public SimulatedHost Fork()
    {
        lock (Clock.Gate)
        {
            return ForkContext.Copy(this);
        }
    }

    IForkable IForkable.Fork(ForkContext fork) => new SimulatedHost(this, fork);

    /// <summary>A hash of the whole state: equal for hosts that will behave alike.</summary>
    public ulong ComputeStateHash()
    {
        lock (Clock.Gate)
        {
            StateHash hash = StateHash.Empty;
            AddTo(ref hash);
            return hash.Value;
        }
    }

    /// <summary>Adds the whole state; moments as the hash counts them.</summary>
    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Profile.Name);
        Firmware.AddTo(ref hash);
        Clock.AddTo(ref hash);
        RuntimePm.AddTo(ref hash);
        Topology.AddTo(ref hash);
        SystemSleep.AddTo(ref hash);
        hash.Add(_guests.Count);
        foreach (LinuxGuest guest in _guests)
        {
            guest.AddTo(ref hash);
        }
    }

    /// <summary>Nothing to release; a host is disposable so that a test can say where it ends.</summary>
    public void Dispose()
    {
    }
}
