namespace VfioPm;

/// <summary>Who takes a function through what resets it has it reset.</summary>
internal sealed class ResetResetsRule() : Rule(
    "reset-resets",
    "A user who has a function go to D3hot and back where that resets it (No_Soft_Reset clear) has it reset.",
    "PCI Power Management 1.2, sections 3.2.4 and 5.4.1; pci_pm_reset(), by which guests reset such functions")
{
    public static readonly ResetResetsRule Instance = new();

    internal override RuleWatch Begin(SimulatedHost host) => new Watch([]);

    /// <summary>Remembers the functions whose user sees them in D3hot, and whether they were reset since.</summary>
    private sealed class Watch(Dictionary<int, bool> asleep) : RuleWatch
    {
        public override string? Look(Moment moment)
        {
            foreach (HardwareReset reset in moment.Hardware.Resets)
            {
                int index = reset.Device.RuntimePm.Index;
                if (asleep.ContainsKey(index))
                {
                    asleep[index] = true;
                }
            }

            string? how = null;
            foreach (VfioPciDevice device in moment.Host.VfioPci.Devices)
            {
                if (device.SoftResets && !device.Pci.Hardware.Behavior.KeepsRegistersOverD3Hot && device.Memory.IsWriteLocked is false)
                {
                    how ??= Follow(device);
                }
            }

            return how;
        }

        public override RuleWatch Fork() => new Watch(new Dictionary<int, bool>(asleep));

        public override void AddTo(ref StateHash hash) => hash.AddInAnyOrder(asleep, static (ref hash, index, wasReset) =>
        {
            hash.Add(index);
            hash.Add(wasReset);
        });

        private string? Follow(VfioPciDevice device)
        {
            int index = device.Pci.RuntimePm.Index;
            PowerState? shown = device.PowerStateShown;
            if (shown == PowerState.D3Hot)
            {
                if (device.IsAskedToSleep)
                {
                    asleep.TryAdd(index, false);
                }

                return null;
            }

            bool wasReset = !asleep.Remove(index, out bool reset) || reset;
            return shown == PowerState.D0 && !wasReset
                ? $"the user of {device.Pci.Name} saw it go to D3hot and back, and it was not reset"
                : null;
        }
    }
}
