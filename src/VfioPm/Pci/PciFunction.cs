namespace VfioPm;

/// <summary>
/// A PCI function as hardware: registers, BARs, a power state, and what an access does in that state. It never
/// knows who accesses it, nor what the kernel believes.
/// </summary>
/// <remarks>
/// Defined by PCI Local Bus 3.0, PCI Power Management 1.2 and PCI Express Base; where silicon deviates, its
/// <see cref="Behavior"/> says so.
/// </remarks>
public sealed partial class PciFunction : IForkable
{
    private readonly VirtualClock _clock;
    private readonly ConfigurationSpace _space;
    private readonly IDeviceRegisters _registers;
    private readonly TransitionTimer _timer;
    private readonly PublishedList<PciFunction> _downstream = [];
    private readonly FlrTrigger[] _flrTriggers;
    private readonly VitalProductData? _vpd;
    private readonly ResizableBars? _resizable;
    private readonly AccessEpoch _epoch;

    // The epoch in which the way here was last found open, with no transition going on.
    private long _openIn;
    private TimeSpan? _silentUntil;
    private bool _lostLink;

    /// <summary>Makes the function of <paramref name="image"/>, with power and the registers of the image.</summary>
    /// <param name="clock">The time that transitions take is measured on it.</param>
    /// <param name="image">What it is made from.</param>
    /// <param name="upstream">The bridge above, or null on a root bus.</param>
    /// <param name="behavior">How faithful it is; to the specification, unless told.</param>
    /// <param name="index">Its number on the host.</param>
    /// <param name="registers">What is behind its BARs; memory, unless told.</param>
    internal PciFunction(
        VirtualClock clock,
        DeviceImage image,
        PciFunction? upstream = null,
        HardwareBehavior? behavior = null,
        int index = 0,
        IDeviceRegisters? registers = null)
    {
        _clock = clock;
        Image = image;
        Capabilities = image.Capabilities;
        Behavior = behavior ?? HardwareBehavior.Specification;
        _space = new ConfigurationSpace(LayoutBuilder.LayoutOf(image, Behavior));
        _flrTriggers = FlrTrigger.Find(_space, Capabilities);
        _vpd = FindVpd();
        _registers = registers ?? new RamRegisters();
        _timer = new TransitionTimer(clock, image.Address);
        Index = index;
        Upstream = upstream;
        _epoch = upstream?._epoch ?? new AccessEpoch();
        _resizable = ResizableBars.Find(image.Space, Capabilities);
        _rootPmes = HasRootStatus ? [] : null;
        Bars = _resizable?.Follow(_space, image.Bars) ?? image.Bars;
        Pm = PmCapability.Find(_space, Capabilities);
        Bridge = FindBridge();
        _slot = FindSlot();
        Sriov = FindSriov();
        _effects = FindEffects();
        _pinLevel = IsInterruptPinAsserted;
        _registers.Connect(this);

        // Registers of a test's own that throw then leave no ghost below the bridge.
        _isSupplied = upstream is null or { HasPower: true };
        HasPower = _isSupplied && IsFedBySlot;
        upstream?.SeatFunction(this);
        MakeVirtualFunctions();
    }

    private PciFunction(PciFunction original, ForkContext fork)
    {
        fork.Register(original, this);
        Upstream = fork.OfNullable(original.Upstream);
        PhysicalFunction = fork.OfNullable(original.PhysicalFunction);

        // Before anything else is copied that shares it.
        _epoch = Upstream?._epoch ?? PhysicalFunction?._epoch ?? new AccessEpoch();
        _clock = fork.Of(original._clock);
        Image = original.Image;
        _space = original._space.Copy();
        _flrTriggers = original._flrTriggers;
        _effects = original._effects;
        _slot = original._slot;
        _vpd = original._vpd is null ? null : new VitalProductData(original._vpd);
        _registers = fork.Of(original._registers);
        _timer = new TransitionTimer(original._timer, _clock);
        HasPower = original.HasPower;
        _isSupplied = original._isSupplied;
        _isMachineOn = original._isMachineOn;
        _isCardOut = original._isCardOut;
        _silentUntil = original._silentUntil;
        Lateness = original.Lateness;
        _lostLink = original._lostLink;
        _pinLevel = original._pinLevel;
        _onTheWay = original._onTheWay is { } signals ? [.. signals] : null;
        D3HotDelay = original.D3HotDelay;
        D3ColdDelay = original.D3ColdDelay;
        Capabilities = original.Capabilities;
        Behavior = original.Behavior;
        Index = original.Index;
        fork.CopyAll(original._downstream, _downstream);
        _resizable = original._resizable;
        _rootPmes = original._rootPmes is { } pmes ? [.. pmes] : null;
        Bars = original.Bars;
        Pm = original.Pm?.In(_space);
        Bridge = FindBridge();
        Sriov = FindSriov();
        _number = original._number;
        fork.CopyAll(original._virtualFunctions, _virtualFunctions);
        _wereVfsEnabled = original._wereVfsEnabled;
    }

    /// <summary>What it is, if it is one of PCI Express.</summary>
    private ExpressPortType? PortType => Capabilities.Find(CapabilityId.Express) is { Offset: int express }
        ? ExpressRegisters.TypeOf((int)_space.Read(express + ExpressRegisters.Flags, 2))
        : null;

    private bool HasRootStatus => PortType == ExpressPortType.RootPort
        && Capabilities.Find(CapabilityId.Express) is { Offset: int express } && _space.Reaches(express + ExpressRegisters.RootStatus, 4);

    /// <summary>A function alone on a root bus, without a host: with power, and a clock of its own.</summary>
    public static PciFunction Standalone(DeviceImage image, HardwareBehavior? behavior = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new PciFunction(new VirtualClock(), image, behavior: behavior);
    }

    internal VirtualClock Clock => _clock;

    /// <summary>Where it sits.</summary>
    public PciAddress Address => Image.Address;

    /// <summary>Its number on the host: what stands for it in the state hash.</summary>
    public int Index { get; }

    /// <summary>How faithful it is to the specification.</summary>
    public HardwareBehavior Behavior { get; }

    /// <summary>The bridge above, or null on a root bus.</summary>
    public PciFunction? Upstream { get; }

    /// <summary>What hangs right below this bridge.</summary>
    public IReadOnlyList<PciFunction> Downstream => _downstream;

    /// <summary>Whether it is a bridge or a port.</summary>
    public bool IsBridge => Bridge is not null;

    /// <summary>What is special about a bridge, or null.</summary>
    public BridgeHeader? Bridge { get; }

    /// <summary>Its BARs, the expansion ROM last.</summary>
    public IReadOnlyList<Bar> Bars { get; private set; }

    /// <summary>The capabilities it had when it was made; they are read-only in hardware.</summary>
    public CapabilityList Capabilities { get; }

    /// <summary>The Power Management capability, or null.</summary>
    public PmCapability? Pm { get; }

    /// <summary>What it was made from.</summary>
    public DeviceImage Image { get; }

    /// <summary>The registers themselves, whether or not they can be reached in the present state.</summary>
    public ConfigurationSpace Configuration => _space;

    /// <summary>What its vital product data holds, through all resets; empty without.</summary>
    public ReadOnlySpan<byte> VitalProductData => _vpd is null ? [] : _vpd.Content;

    /// <summary>The accesses that came too early after a transition.</summary>
    public IReadOnlyList<TransitionFault> Faults => _timer.Faults;

    IForkable IForkable.Fork(ForkContext fork) => new PciFunction(this, fork);

    /// <summary>"0000:01:00.0 (D3hot)".</summary>
    public override string ToString() => $"{Address} ({PowerState.KernelName})";

    /// <summary>What the function is now, as an image: what <c>lspci</c> would find if everything answered.</summary>
    public DeviceImage Capture() => Image.WithBytes(_space.ToArray().AsSpan(0, Image.Bytes.Length));

    internal void AddTo(ref StateHash hash)
    {
        hash.Add(Index);
        Behavior.AddTo(ref hash);
        hash.Add(_rootPmes?.Count ?? -1);
        for (int i = 0; i < _rootPmes?.Count; i++)
        {
            hash.Add(_rootPmes[i]);
        }

        hash.Add(D3HotDelay.Ticks);
        hash.Add(D3ColdDelay.Ticks);
        hash.Add(HasPower, _isSupplied, _isMachineOn, _isCardOut, IsSilent);
        if (AnswersAt is { } end)
        {
            hash.AddMoment(end);
        }

        hash.Add(Lateness.Ticks);
        hash.Add(_lostLink);
        hash.Add(_pinLevel);
        AddSignalsTo(ref hash);
        hash.Add(_wereVfsEnabled);
        _space.AddTo(ref hash);
        _registers.AddTo(ref hash);
        _vpd?.AddTo(ref hash);
        _timer.AddTo(ref hash);
    }
}
