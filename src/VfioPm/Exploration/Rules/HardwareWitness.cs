namespace VfioPm;

/// <summary>Notes what the hardware of a host does, for rules to judge.</summary>
internal sealed class HardwareWitness : IPciPowerListener
{
    private readonly List<HardwareReset> _resets = [];
    private readonly List<UnansweredAccess> _unanswered = [];

    /// <summary>The functions whose registers were put back, and by what.</summary>
    public IReadOnlyList<HardwareReset> Resets => _resets;

    /// <summary>The accesses that nobody answered.</summary>
    public IReadOnlyList<UnansweredAccess> Unanswered => _unanswered;

    public void Forget()
    {
        _resets.Clear();
        _unanswered.Clear();
    }

    void IPciPowerListener.OnReset(PciDevice device, ResetKind kind) =>
        _resets.Add(new HardwareReset(device, kind, device.PowerState, VfioPciDriver.TryFind(device) is { } bound && IsKept(bound)));

    void IPciPowerListener.OnUnanswered(PciDevice device, int? bar, long offset) =>
        _unanswered.Add(new UnansweredAccess(device, bar, offset, device.Hardware.PowerState, device.Core.Clock.Cause));

    IForkable IForkable.Fork(ForkContext fork)
    {
        var copy = new HardwareWitness();
        foreach (HardwareReset reset in _resets)
        {
            copy._resets.Add(reset with { Device = fork.Of(reset.Device) });
        }

        foreach (UnansweredAccess access in _unanswered)
        {
            copy._unanswered.Add(access with { Device = fork.Of(access.Device) });
        }

        return copy;
    }

    private static bool IsKept(VfioPciDevice device) => device.Pci.Hardware.IsFedBySlot
        && device.Files.Any(static file => !file.IsClosed)
        && !device.Power.IsLowPowerPermitted
        && !(device.SoftResets && (device.Session?.Configuration.IsLowPowerAsked is true || device.Pci.PowerState == PowerState.D3Hot));
}

/// <summary>A reset of hardware.</summary>
/// <param name="Device">Whose.</param>
/// <param name="Kind">How far it reached.</param>
/// <param name="Believed">The power state that the kernel believed in when it came.</param>
/// <param name="IsKept">
/// Whether it was in its slot then, and a user had it open who had neither put it into D3hot where that loses its context, nor permitted
/// that it loses its power.
/// </param>
internal readonly record struct HardwareReset(PciDevice Device, ResetKind Kind, PowerState Believed, bool IsKept);

/// <summary>An access that hardware did not answer.</summary>
/// <param name="Device">Whose.</param>
/// <param name="Bar">The BAR, or null for configuration space.</param>
/// <param name="Offset">Where.</param>
/// <param name="State">The power state that the hardware was in.</param>
/// <param name="Cause">Why it was accessed.</param>
internal readonly record struct UnansweredAccess(PciDevice Device, int? Bar, long Offset, PowerState State, Cause? Cause);
