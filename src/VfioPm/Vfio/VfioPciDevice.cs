namespace VfioPm;

/// <summary>
/// A function that vfio-pci has bound (<c>struct vfio_pci_core_device</c>): between binding and unbinding, used
/// or not.
/// </summary>
public sealed partial class VfioPciDevice : IForkable
{
    private readonly VfioPciDriver _driver;
    private readonly List<VfioDeviceFile> _files = [];
    private readonly ConfigurationSnapshot _stateBeforeUse;
    private readonly BarResources _bars;
    private bool _hasStateBeforeUse;

    internal VfioPciDevice(VfioPciDriver driver, PciDevice pci)
    {
        _driver = driver;
        Pci = pci;
        _stateBeforeUse = pci.SavedState.NewSnapshot();
        _stateBeforeD3 = pci.SavedState.NewSnapshot();
        _bars = new BarResources(pci.Hardware);
        Interrupts = new DeviceInterrupts(this);
        LowPower = new LowPower(this);
    }

    private VfioPciDevice(VfioPciDevice original, ForkContext fork)
    {
        fork.Register(original, this);
        _driver = fork.Of(original._driver);
        Pci = fork.Of(original.Pci);
        _bars = original._bars;
        _regions = original._regions;
        Configuration = fork.OfNullable(original.Configuration);
        _files.AddRange(original._files.Select(fork.Of));
        IsMemoryLocked = original.IsMemoryLocked;
        _workerWaitsForMemory = original._workerWaitsForMemory;
        NeedsReset = original.NeedsReset;
        _softResets = original._softResets;
        ResetWorks = original.ResetWorks;
        _hasStateBeforeD3 = original._hasStateBeforeD3;
        _hasStateBeforeUse = original._hasStateBeforeUse;
        _stateBeforeD3 = original._stateBeforeD3.Copy();
        _stateBeforeUse = original._stateBeforeUse.Copy();
        Interrupts = new DeviceInterrupts(original.Interrupts, this, fork);
        LowPower = new LowPower(this);
        LowPower.CopyFrom(original.LowPower, fork);
    }

    /// <summary>The function.</summary>
    public PciDevice Pci { get; }

    /// <summary>How many users have the device open.</summary>
    public int OpenCount => _files.Count;

    /// <summary>What the users hold of the device, in order of opening.</summary>
    public IReadOnlyList<VfioDeviceFile> Files => _files;

    /// <summary>Whether a user has the device open.</summary>
    public bool IsOpen => OpenCount > 0;

    /// <summary>Whether the last user left the function without a reset.</summary>
    public bool NeedsReset { get; internal set; }

    /// <summary>Whether the function could be reset when it was opened (<c>reset_works</c>).</summary>
    internal bool ResetWorks { get; private set; }

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
        using (new EntryScope(Clock, "opened", Pci.Name))
        {
            file = null;
            KernelResult result = OpenCount == 0 ? Enable() : KernelResult.Success;
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
        using (new EntryScope(Clock, "unbound from vfio-pci", Pci.Name))
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
        hash.Add(OpenCount);
        Interrupts.AddTo(ref hash);
        LowPower.AddTo(ref hash);
        hash.Add(IsMemoryLocked);
        hash.Add(_workerWaitsForMemory);
        hash.Add(NeedsReset);
        hash.Add(ResetWorks);
        Add(ref hash, _hasStateBeforeD3, _stateBeforeD3);
        Add(ref hash, _hasStateBeforeUse, _stateBeforeUse);
        Configuration?.AddTo(ref hash);
        AddRegionsTo(ref hash);
    }

    /// <summary><c>vfio_pci_core_register_device()</c>.</summary>
    internal void Register()
    {
        // Read once: whether a way through D3hot loses the registers.
        _softResets = Pci.Pm is { NoSoftReset: false };
        Rules.Power.Register(this);
    }

    /// <summary>A user closes the device.</summary>
    internal void Close(VfioDeviceFile file)
    {
        using (Clock.Because("closed", Pci.Name))
        {
            if (OpenCount == 1)
            {
                Disable();
                Interrupts.ReleaseTriggers();
            }

            _files.Remove(file);
        }
    }
}
