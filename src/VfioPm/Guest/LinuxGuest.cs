using System.Runtime.ExceptionServices;

namespace VfioPm;

/// <summary>
/// A virtual machine with a Linux kernel of the host's release. It runs its own PCI runtime PM against the virtual
/// devices that its VMM makes of open vfio devices: a test says what the guest's drivers do, and the guest writes the
/// registers.
/// </summary>
/// <remarks>
/// The VMM owns the device files that it is given: it closes them when the guest is switched off or disposed of. What the
/// guest's runtime PM does is in the host's trace under names such as "guest 0000:01:00.0".
/// </remarks>
public sealed class LinuxGuest : IForkable, IDisposable
{
    private readonly RuntimePmCore _host;
    private readonly PublishedList<GuestDevice> _devices = [];

    /// <param name="number">Which kernel of the machine it is: no other that runs has this number.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="host">The host.</param>
    /// <param name="rules">Which kernel's decisions its PCI core takes.</param>
    internal LinuxGuest(int number, string name, RuntimePmCore host, PciPowerRules rules)
    {
        Number = number;
        Name = name;
        _host = host;
        Rules = rules;
        RuntimePm = new RuntimePmCore(host, number);
        PmePolling = new PmePolling(RuntimePm.Kernel, rules);
    }

    private LinuxGuest(LinuxGuest original, ForkContext fork)
    {
        fork.Register(original, this);
        Number = original.Number;
        Name = original.Name;
        _host = fork.Of(original._host);
        Rules = original.Rules;
        IsRunning = original.IsRunning;
        RuntimePm = fork.Of(original.RuntimePm);
        PmePolling = fork.Of(original.PmePolling);
        fork.CopyAll(original._devices, _devices);
    }

    /// <summary>The name in traces: "guest", and for further ones of a host "guest2", …</summary>
    public string Name { get; }

    /// <summary>Whether the virtual machine is on.</summary>
    public bool IsRunning { get; private set; } = true;

    /// <summary>The guest's own runtime-PM core, on the host's clock; a new one after a reboot.</summary>
    public RuntimePmCore RuntimePm { get; private set; }

    /// <summary>Which kernel of the machine it is, from 1 on; 0 is the host's.</summary>
    internal int Number { get; }

    /// <summary>Which kernel's decisions its PCI core takes: those of the host's release.</summary>
    internal PciPowerRules Rules { get; }

    /// <summary>The devices whose PME_Status the guest's kernel reads.</summary>
    internal PmePolling PmePolling { get; private set; }

    /// <summary>The devices, in order of adding.</summary>
    public IReadOnlyList<GuestDevice> Devices => _devices;

    /// <summary>The device of a guest that has only one.</summary>
    /// <exception cref="InvalidOperationException">It has several: name one by its address on the host.</exception>
    public GuestDevice Device => _devices.Count == 1
        ? _devices[0]
        : throw new InvalidOperationException(
            $"{Name} has {_devices.Count} devices; name one by its address on the host: {Name}[\"{_devices[0].Function.Name}\"].");

    /// <summary>The guest's driver of its only device.</summary>
    /// <exception cref="InvalidOperationException">The guest has several devices: name one by its address on the host.</exception>
    public GuestDriver Driver => Device.Driver;

    /// <summary>The device that is made of the host's function at an address such as "0000:01:00.0".</summary>
    /// <exception cref="FormatException"><paramref name="address"/> is no address.</exception>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public GuestDevice this[string address]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(address);
            var wanted = PciAddress.Parse(address);
            return _devices.Find(device => device.Function.Address == wanted)
                ?? throw new KeyNotFoundException($"{Name} has no device of the host's function at {address}.");
        }
    }

    /// <summary>Plugs another device in; the guest finds it and its driver takes it.</summary>
    /// <param name="device">The open device; the guest's VMM closes it.</param>
    /// <param name="setup">What the VMM makes of it, and how the guest's driver is.</param>
    /// <exception cref="ArgumentException">It belongs to another host, or the guest has it already.</exception>
    /// <exception cref="InvalidOperationException">The guest does not run.</exception>
    /// <exception cref="ObjectDisposedException">The device was closed.</exception>
    /// <exception cref="SimulationDeadlockException">
    /// The guest cannot boot with it, since the host's kernel waits for ever. The guest is off then.
    /// </exception>
    public GuestDevice Add(VfioDeviceFile device, Action<VirtualDeviceSetup>? setup = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        lock (_host.Clock.Gate)
        {
            CheckRunning();
            if (device.Device.Pci.Core != _host)
            {
                throw new ArgumentException($"{device.Device.Pci.Name} belongs to another host.", nameof(device));
            }

            if (_devices.Exists(known => known.Virtual.File.Device == device.Device))
            {
                throw new ArgumentException($"{Name} has {device.Device.Pci.Name} already.", nameof(device));
            }

            var wishes = new VirtualDeviceSetup();
            setup?.Invoke(wishes);
            var added = new GuestDevice(this, device, wishes);
            try
            {
                added.Boot();
            }
            catch (SimulationDeadlockException)
            {
                EndVmm();
                TryClose(added);
                throw;
            }

            _devices.Add(added);
            return added;
        }
    }

    /// <summary>
    /// Shuts the guest down and switches it off: its drivers leave their devices in D3hot, then the VMM ends and closes
    /// them.
    /// </summary>
    /// <exception cref="InvalidOperationException">The guest does not run.</exception>
    public void Shutdown()
    {
        lock (_host.Clock.Gate)
        {
            CheckRunning();
            ShutKernelDown(switchesOff: true);
            Dispose();
        }
    }

    /// <summary>Shuts the guest down and starts it again; in between the VMM resets the devices.</summary>
    /// <inheritdoc cref="Reset"/>
    public void Reboot()
    {
        lock (_host.Clock.Gate)
        {
            CheckWhole();
            ShutKernelDown(switchesOff: false);
            Reset();
        }
    }

    /// <summary>
    /// Resets the virtual machine without asking its kernel, in whatever state the devices are: the VMM brings them to
    /// D0 and resets them, and the guest boots.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The guest does not run, or somebody closed a device's file under it: nothing changes.
    /// </exception>
    /// <exception cref="SimulationDeadlockException">
    /// A device cannot be reset, or booted with, since the host's kernel waits for ever. The guest is off then.
    /// </exception>
    public void Reset()
    {
        lock (_host.Clock.Gate)
        {
            CheckWhole();
            Halt();
            try
            {
                foreach (GuestDevice device in _devices)
                {
                    device.ResetByVmm();
                }

                RuntimePm = new RuntimePmCore(_host, Number);
                PmePolling = new PmePolling(RuntimePm.Kernel, Rules);
                foreach (GuestDevice device in _devices)
                {
                    device.Boot();
                }
            }
            catch (SimulationDeadlockException)
            {
                // Half a guest is none: its VMM ends, and what it holds goes as soon as the host's kernel goes on.
                EndVmm();
                throw;
            }
        }
    }

    /// <summary>Ends the VMM as if it were killed, if it still runs: the kernel closes its devices as they are.</summary>
    public void Dispose()
    {
        lock (_host.Clock.Gate)
        {
            if (EndVmm() is { } stuck)
            {
                ExceptionDispatchInfo.Throw(stuck);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => IsRunning ? Name : $"{Name} (off)";

    IForkable IForkable.Fork(ForkContext fork) => new LinuxGuest(this, fork);

    internal void CheckRunning()
    {
        if (!IsRunning)
        {
            throw new InvalidOperationException($"{Name} is off: boot another.");
        }
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(IsRunning);
        if (IsRunning)
        {
            RuntimePm.AddTo(ref hash);
            PmePolling.AddListTo(ref hash);
            hash.Add(_devices.Count);
            foreach (GuestDevice device in _devices)
            {
                device.AddTo(ref hash);
            }
        }
    }

    /// <summary>The guest's kernel stops for ever.</summary>
    private void Halt()
    {
        PmePolling.Cancel();
        RuntimePm.Halt();
    }

    /// <exception cref="InvalidOperationException">It is off, or has lost a device.</exception>
    private void CheckWhole()
    {
        CheckRunning();
        if (_devices.Find(static device => device.Virtual.File.IsClosed) is { } lost)
        {
            throw new InvalidOperationException(
                $"Somebody closed the file of {lost.Function.Name} under {Name}: shut it down, and boot another.");
        }
    }

    /// <summary>The VMM ends, if it still runs, and its devices are closed: a close that waits goes on alone.</summary>
    /// <returns>What was said of the first close that waits for ever.</returns>
    private SimulationDeadlockException? EndVmm()
    {
        if (!IsRunning)
        {
            return null;
        }

        IsRunning = false;
        Halt();
        SimulationDeadlockException? first = null;
        foreach (GuestDevice device in _devices)
        {
            SimulationDeadlockException? stuck = TryClose(device);
            first ??= stuck;
        }

        return first;
    }

    private static SimulationDeadlockException? TryClose(GuestDevice device)
    {
        try
        {
            device.Virtual.Close();
            return null;
        }
        catch (SimulationDeadlockException stuck)
        {
            return stuck;
        }
    }

    private void ShutKernelDown(bool switchesOff)
    {
        // Children before parents: the other way than they were found.
        for (int i = _devices.Count - 1; i >= 0; i--)
        {
            _devices[i].ShutDown(switchesOff);
        }
    }
}
