namespace VfioPm;

/// <content>
/// Physical functions and their virtual functions (PCI Express Base, chapter 9). The latter are there while VF Enable
/// is set, and new each time.
/// </content>
public sealed partial class PciFunction
{
    private readonly PublishedList<PciFunction> _virtualFunctions = [];
    private readonly int _number;
    private bool _wereVfsEnabled;

    /// <summary>Makes a virtual function.</summary>
    private PciFunction(PciFunction physical, int number, DeviceImage image)
    {
        PhysicalFunction = physical;
        _number = number;
        _clock = physical._clock;
        Image = image;
        Capabilities = image.Capabilities;
        Behavior = physical.Behavior;
        _space = new ConfigurationSpace(LayoutBuilder.VirtualLayoutOf(image, Behavior));
        _flrTriggers = FlrTrigger.Find(_space, Capabilities);
        _registers = new RamRegisters();
        _timer = new TransitionTimer(_clock, image.Address);
        _epoch = physical._epoch;
        Index = physical.Index;
        Upstream = physical.Upstream;
        Upstream?._downstream.Add(this);
        Bars = physical.Sriov!.VfBars;
        Pm = PmCapability.Find(_space, Capabilities);
        _effects = FindEffects();
        _pinLevel = IsInterruptPinAsserted;
        _registers.Connect(this);
    }

    /// <summary>The SR-IOV capability of a physical function, or null.</summary>
    public SriovCapability? Sriov { get; }

    /// <summary>The physical function of a virtual one, or null.</summary>
    public PciFunction? PhysicalFunction { get; }

    /// <summary>All virtual functions that this one can have, there or not, as far as buses have numbers for them.</summary>
    public IReadOnlyList<PciFunction> VirtualFunctions => _virtualFunctions;

    /// <summary>The address that a BAR is at; those of virtual functions follow each other.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The register that the BAR names is outside of configuration space.</exception>
    public ulong AddressOf(Bar bar)
    {
        ArgumentNullException.ThrowIfNull(bar);
        bar.CheckIn(PhysicalFunction?._space ?? _space, nameof(bar));
        return PhysicalFunction is { } physical
            ? bar.AddressIn(physical._space) + (bar.Size * (ulong)_number)
            : bar.AddressIn(_space);
    }

    /// <summary>Whether it is no virtual function, or one that is enabled.</summary>
    private bool IsThere => PhysicalFunction is not { } physical
        || (physical.IsAnswering && physical.Sriov!.IsVfEnabled && _number < physical.Sriov.NumVfs);

    private SriovCapability? FindSriov() => Capabilities.FindExtended(ExtendedCapabilityId.Sriov) is { } capability
        && _space.Reaches(capability.Offset, SriovRegisters.Size)
            ? new SriovCapability(_space, capability.Offset, Image.VfBars)
            : null;

    private void MakeVirtualFunctions()
    {
        if (Sriov is not { } sriov || Image.VirtualFunction is not { } image)
        {
            return;
        }

        image = image.Awake();
        for (int number = 0; number < sriov.TotalVfs; number++)
        {
            int requester = Address.RequesterId + sriov.FirstVfOffset + (number * sriov.VfStride);
            if (requester > ushort.MaxValue)
            {
                // No bus has such a number: nobody can ever reach them.
                return;
            }

            _virtualFunctions.Add(new PciFunction(this, number, image.At(Address.WithRequesterId(requester))));
        }
    }

    /// <summary>Virtual functions that are no longer enabled leave nothing behind for those that will be.</summary>
    private void FollowVfEnable()
    {
        bool areEnabled = Sriov is { IsVfEnabled: true };
        if (_wereVfsEnabled && !areEnabled)
        {
            foreach (PciFunction virtualFunction in _virtualFunctions)
            {
                virtualFunction.Renew();
            }
        }

        _wereVfsEnabled = areEnabled;
    }

    private void Renew()
    {
        _space.Renew();
        _registers.Reset(ResetKind.PowerLoss);
        _silentUntil = null;
        FollowPin();
    }
}
