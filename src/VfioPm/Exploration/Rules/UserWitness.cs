namespace VfioPm;

/// <summary>Notes what users of devices do about power and are told of it, for rules to judge.</summary>
internal sealed class UserWitness : IVfioListener
{
    private readonly List<UserDeed> _deeds = [];

    /// <summary>What they did and were told, in order.</summary>
    public IReadOnlyList<UserDeed> Deeds => _deeds;

    public void Forget() => _deeds.Clear();

    void IVfioListener.OnPowerStateAsked(VfioPciDevice device, PowerState state) => Note(device, UserDeedKind.AskedForState, state);

    void IVfioListener.OnLowPowerPermitted(VfioPciDevice device) => Note(device, UserDeedKind.PermittedLowPower);

    void IVfioListener.OnLowPowerTakenBack(VfioPciDevice device) => Note(device, UserDeedKind.TookItBack);

    void IVfioListener.OnWakeupTold(VfioPciDevice device) => Note(device, UserDeedKind.WasTold);

    IForkable IForkable.Fork(ForkContext fork)
    {
        var copy = new UserWitness();
        foreach (UserDeed deed in _deeds)
        {
            copy._deeds.Add(deed with { Device = fork.Of(deed.Device) });
        }

        return copy;
    }

    private void Note(VfioPciDevice device, UserDeedKind kind, PowerState state = default) =>
        _deeds.Add(new UserDeed(device, kind, state, device.Power.Wakeup is not null, device.Pci.RuntimeStatus != RuntimeStatus.Active));
}

/// <summary>What a user did about power, or was told.</summary>
/// <param name="Device">Of which device.</param>
/// <param name="Kind">What.</param>
/// <param name="State">The power state that he asked for, if he did that.</param>
/// <param name="WantsToBeTold">Whether an eventfd tells him of a wake-up.</param>
/// <param name="IsAsleep">Whether the device was asleep then, or was still being woken.</param>
internal readonly record struct UserDeed(VfioPciDevice Device, UserDeedKind Kind, PowerState State, bool WantsToBeTold, bool IsAsleep);

/// <summary>Kinds of what users do about power.</summary>
internal enum UserDeedKind
{
    /// <summary>He wrote a state to PMCSR.</summary>
    AskedForState,

    /// <summary>He permits low power.</summary>
    PermittedLowPower,

    /// <summary>He no longer does.</summary>
    TookItBack,

    /// <summary>An eventfd told him that the device was woken.</summary>
    WasTold,
}
