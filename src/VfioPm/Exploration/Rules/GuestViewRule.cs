namespace VfioPm;

/// <summary>What a user reads in PMCSR does not contradict what he asked for.</summary>
internal sealed class GuestViewRule() : Rule(
    "guest-view",
    "What the user of an open device reads in PMCSR is a state that he asked for since he last asked for D0, or D0: not one that is"
        + " over, since every reset leads to D0, and not one that somebody else asked for.",
    "PCI Power Management 1.2, section 5.4; review of the RFC's version 2 (20220216164806: D3hot leaks to the next user); notes on the RFC"
        + " (resets go behind runtime PM)")
{
    public static readonly GuestViewRule Instance = new();

    internal override RuleWatch Begin(SimulatedHost host)
    {
        var watch = new Watch([]);
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            // What was asked for before is what he reads.
            watch.Note(device, device.PowerStateShown ?? PowerState.D0);
        }

        return watch;
    }

    /// <summary>Remembers which states each user asked for since D0, as bits: one that the hardware refuses leaves it in another.</summary>
    private sealed class Watch(Dictionary<int, int> asked) : RuleWatch
    {
        public void Note(VfioPciDevice device, PowerState state) => asked[device.Index] =
            state == PowerState.D0 ? 0 : asked.GetValueOrDefault(device.Index) | (1 << (int)state);

        public override string? Look(Moment moment)
        {
            foreach (UserDeed deed in moment.Users.Deeds)
            {
                if (deed.Kind == UserDeedKind.AskedForState)
                {
                    Note(deed.Device, deed.State);
                }
            }

            string? how = null;
            foreach (VfioPciDevice device in moment.Host.VfioPci.Devices)
            {
                if (!device.IsOpen)
                {
                    asked.Remove(device.Index);
                }
                else if (moment.IsQuiet)
                {
                    how ??= FindStale(device) ?? FindForeign(device);
                }
            }

            return how;
        }

        public override RuleWatch Fork() => new Watch(new Dictionary<int, int>(asked));

        public override void AddTo(ref StateHash hash) => hash.AddInAnyOrder(asked, static (ref hash, index, states) =>
        {
            hash.Add(index);
            hash.Add(states);
        });

        private static string? FindStale(VfioPciDevice device)
        {
            // A function that the administrator keeps on is not asleep, and its user may have asked for that all the same.
            int ofOthers = device.Pci.UsageCount - device.Pci.RuntimePm.UsageOfAdministrator;
            bool sleepsByName = device.Pci.RuntimeStatus == RuntimeStatus.Suspended || ofOthers > 0;
            return device.PowerStateShown == PowerState.D3Hot && sleepsByName && device.Pci is { AnswersKernel: true, Hardware.PowerState: PowerState.D0 }
                ? $"the user of {device.Pci.Name} reads D3hot, and it is in D0 by now"
                : null;
        }

        /// <summary>Of one that sleeps nobody reads anything: that would wake it.</summary>
        private string? FindForeign(VfioPciDevice device)
        {
            bool isRead = device.Pci is { RuntimeStatus: RuntimeStatus.Active, AnswersKernel: true };
            return isRead && device.PowerStateShown is { } shown and not PowerState.D0
                && (asked.GetValueOrDefault(device.Index) & (1 << (int)shown)) == 0
                ? $"the user of {device.Pci.Name} reads {shown.KernelName}, and did not ask for it"
                : null;
        }
    }
}
