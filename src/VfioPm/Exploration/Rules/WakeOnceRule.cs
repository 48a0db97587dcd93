namespace VfioPm;

/// <summary>A wake-up reaches the user, neither lost nor twice.</summary>
internal sealed class WakeOnceRule() : Rule(
    "wake-once",
    "Who lets his device sleep has it asleep, or it sleeps again, or he was told that it was woken; who asked to be told is told as it"
        + " wakes, once.",
    "VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP (include/uapi/linux/vfio.h); vfio_pci_core_runtime_resume(); review of the RFC's"
        + " version 2 (20220309102642: a device that the host woke stays awake, and its guest is not told)")
{
    public static readonly WakeOnceRule Instance = new();

    internal override RuleWatch Begin(SimulatedHost host) => new Watch([]);

    /// <summary>Remembers who lets his device sleep, as he sees it, and whether it slept since.</summary>
    private sealed class Watch(Dictionary<int, Sleep> sleeps) : RuleWatch
    {
        public override string? Look(Moment moment)
        {
            string? how = null;
            foreach (UserDeed deed in moment.Users.Deeds)
            {
                how ??= Follow(deed);
            }

            foreach (VfioPciDevice device in moment.Host.VfioPci.Devices)
            {
                how ??= Look(device, moment);
            }

            return how;
        }

        public override RuleWatch Fork() => new Watch(new Dictionary<int, Sleep>(sleeps));

        public override void AddTo(ref StateHash hash) => hash.AddInAnyOrder(sleeps, static (ref hash, index, sleep) =>
        {
            hash.Add(index);
            hash.Add(sleep.WantsToBeTold);
            hash.Add(sleep.HasSlept);
            hash.Add(sleep.WasTold);
        });

        private string? Follow(UserDeed deed)
        {
            int index = deed.Device.Index;
            switch (deed.Kind)
            {
                case UserDeedKind.PermittedLowPower:
                    sleeps[index] = new Sleep(deed.WantsToBeTold, HasSlept: false, WasTold: false);
                    return null;
                case UserDeedKind.TookItBack:
                    return sleeps.Remove(index, out Sleep over) && over.IsLost && !deed.IsAsleep
                        ? LostOf(deed.Device)
                        : null;
                case UserDeedKind.WasTold:
                    bool isAwaited = sleeps.TryGetValue(index, out Sleep sleep) && sleep is { WantsToBeTold: true, WasTold: false };
                    sleeps[index] = sleep with { WasTold = true };
                    return isAwaited ? null : $"the user of {deed.Device.Pci.Name} was told of a wake-up that he knows of, or did not ask for";
                default:
                    return null;
            }
        }

        private string? Look(VfioPciDevice device, Moment moment)
        {
            if (!sleeps.TryGetValue(device.Index, out Sleep sleep) || !moment.IsQuiet)
            {
                return null;
            }

            if (device.Pci.RuntimeStatus == RuntimeStatus.Suspended)
            {
                sleeps[device.Index] = sleep with { HasSlept = true };
                return null;
            }

            return sleep.IsLost && device.Pci.RuntimeStatus == RuntimeStatus.Active ? LostOf(device)
                : sleep is { HasSlept: true, WasTold: false } && moment.IsAtRest && IsHeldByOthers(device)
                    ? $"{device.Pci.Name} was woken and is kept awake, and its user, who lets it sleep, was not told"
                : null;
        }

        private static string LostOf(VfioPciDevice device) => $"{device.Pci.Name} was woken, and its user, who asked to be told, was not";

        /// <summary>Neither by an administrator, who may, nor for virtual functions.</summary>
        private static bool IsHeldByOthers(VfioPciDevice device) => device.Pci is
        {
            RuntimeStatus: RuntimeStatus.Active, RuntimePm: { RuntimeAuto: true, UsageCount: > 0, ChildCount: 0 }, Sriov: null or { NumVfs: 0 }
        };
    }

    /// <summary>A permission to sleep.</summary>
    /// <param name="WantsToBeTold">Whether its user wants to be told of the wake-up.</param>
    /// <param name="HasSlept">Whether the device slept since.</param>
    /// <param name="WasTold">Whether he was told.</param>
    private readonly record struct Sleep(bool WantsToBeTold, bool HasSlept, bool WasTold)
    {
        /// <summary>Whether he should have been told if the device is awake.</summary>
        public bool IsLost => this is { WantsToBeTold: true, HasSlept: true, WasTold: false };
    }
}
