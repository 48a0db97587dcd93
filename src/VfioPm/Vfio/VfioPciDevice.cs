namespace VfioPm;

/// <summary>
/// A function that vfio-pci has bound (<c>struct vfio_pci_core_device</c>): between binding and unbinding, used
/// or not.
/// </summary>
public sealed partial class VfioPciDevice : IForkable
{
    private readonly VfioPciDriver _driver;
    private readonly ConfigurationSnapshot _stateBeforeD3 = new();
    private readonly ConfigurationSnapshot _stateBeforeUse = new();
    private readonly BarResources _bars;
    private readonly List<VfioDeviceFile> _files = [];
    private bool _hasStateBeforeD3;
    private bool _hasStateBeforeUse;
    private bool _softResets;
    private bool _resetWorks;

    internal VfioPciDevice(VfioPciDriver driver, PciDevice pci)
    {
        _driver = driver;
        Pci = pci;
        _bars = new BarResources(pci.Hardware);
    }

    private VfioPciDevice(VfioPciDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        _driver = fork.Of(original._driver);
        Pci = fork.Of(original.Pci);
        _bars = original._bars;
        Configuration = fork.OfNullable(original.Configuration);
        _files.AddRange(original._files.Select(fork.Of));
        NeedsReset = original.NeedsReset;
        _softResets = original._softResets;
        _resetWorks = original._resetWorks;
        _hasStateBeforeD3 = original._hasStateBeforeD3;
        _hasStateBeforeUse = original._hasStateBeforeUse;
        original._stateBeforeD3.CopyTo(_stateBeforeD3);
        original._stateBeforeUse.CopyTo(_stateBeforeUse);
    }

    /// <summary>The function.</summary>
    public PciDevice Pci { get; }

    /// <summary>The files of those who have the device open.</summary>
    public IReadOnlyList<VfioDeviceFile> Files => _files;

    /// <summary>Whether a user has the device open.</summary>
    public bool IsOpen => _files.Count > 0;

    /// <summary>Whether the last user left the function without a reset.</summary>
    public bool NeedsReset { get; internal set; }

    internal VfioModuleParameters Parameters => _driver.Parameters;

    internal VfioRules Rules => _driver.Rules;

    internal RuntimePmDevice RuntimePm => Pci.RuntimePm;

    /// <summary>What the user sees as configuration space, while the device is open.</summary>
    internal VirtualConfiguration? Configuration { get; private set; }

    private VirtualClock Clock => Pci.Core.Clock;

    /// <summary>Opens the device (container, group and <c>VFIO_GROUP_GET_DEVICE_FD</c>).</summary>
    /// <exception cref="InvalidOperationException">The kernel refuses; the message says what it returned.</exception>
    public VfioDeviceFile Open()
    {
        KernelResult result = TryOpen(out VfioDeviceFile? file);
        return file ?? throw new InvalidOperationException($"{Pci.Name} cannot be opened: {result}.");
    }

    /// <summary>Opens the device, or says why not.</summary>
    public KernelResult TryOpen(out VfioDeviceFile? file)
    {
        lock (Clock.Gate)
        using (Clock.Because("opened", Pci.Name))
        {
            file = null;
            KernelResult result = IsOpen ? KernelResult.Success : Enable();
            if (!result.IsError)
            {
                file = new VfioDeviceFile(this);
                _files.Add(file);
            }

            return result;
        }
    }

    /// <summary>Gives the function up, as writing to <c>unbind</c> in sysfs does.</summary>
    /// <exception cref="InvalidOperationException">A user has the device open: the kernel would wait for the close.</exception>
    public void Unbind()
    {
        lock (Clock.Gate)
        using (Clock.Because("unbound from vfio-pci", Pci.Name))
        {
            if (IsOpen)
            {
                throw new InvalidOperationException($"{Pci.Name} is open: the kernel waits until it is closed.");
            }

            DriverBinding.Remove(Pci);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"vfio-pci {Pci}";

    /// <inheritdoc/>
    public IForkable Fork(ForkContext fork)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return new VfioPciDevice(this, fork);
    }

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(_files.Count);
        hash.Add(NeedsReset);
        hash.Add(_resetWorks);
        hash.Add(_hasStateBeforeD3);
        hash.Add(_hasStateBeforeUse);
        Configuration?.AddTo(ref hash);
    }

    /// <summary><c>vfio_pci_core_register_device()</c>.</summary>
    internal void Register()
    {
        // Read once: whether a way through D3hot loses the registers.
        _softResets = Pci.Pm is { NoSoftReset: false };
        Rules.Power.Register(this);
    }

    /// <summary>A user closes the device; the last one is still a user while it is put away.</summary>
    internal void Close(VfioDeviceFile file)
    {
        using (Clock.Because("closed", Pci.Name))
        {
            if (_files.Count == 1)
            {
                Disable();
            }

            _files.Remove(file);
        }
    }

    /// <summary>
    /// Changes the power state, with the configuration kept by the driver where D3 loses it
    /// (<c>vfio_pci_set_power_state()</c>).
    /// </summary>
    internal KernelResult SetPowerState(PowerState state)
    {
        bool keeps = Rules.KeepsStateOverD3 && _softResets;
        bool saves = keeps && Pci.PowerState < PowerState.D3Hot && state >= PowerState.D3Hot;
        bool restores = keeps && Pci.PowerState >= PowerState.D3Hot && state <= PowerState.D0;
        if (saves)
        {
            Pci.SavedState.Save();
        }

        KernelResult result = Pci.SetPowerState(state);
        if (result.Value != 0)
        {
            return result;
        }

        if (saves && Pci.PowerState >= PowerState.D3Hot)
        {
            _hasStateBeforeD3 = Pci.SavedState.Store(_stateBeforeD3);
        }
        else if (restores)
        {
            Reload(ref _hasStateBeforeD3, _stateBeforeD3);
            Pci.SavedState.Restore();
        }

        return result;
    }

    /// <summary><c>pci_load_and_free_saved_state()</c>.</summary>
    private void Reload(ref bool has, ConfigurationSnapshot snapshot)
    {
        if (has)
        {
            Pci.SavedState.Load(snapshot);
        }
        else
        {
            Pci.SavedState.Forget();
        }

        has = false;
    }
}
