using static System.FormattableString;

namespace VfioPm;

/// <summary>Unused, a function has the counts that it had before.</summary>
internal sealed class UsageBalancedRule() : Rule(
    "usage-balanced",
    "At rest a function that vfio-pci has, and nobody has open, holds as many usage counts, its own and those on it, as the last"
        + " time that it was so; and so does one that no driver has.",
    "Documentation/power/runtime_pm.rst, section 3 (usage counters are balanced); vfio_pci_core_enable(), vfio_pci_core_disable();"
        + " local_pci_probe(), pci_device_remove()")
{
    public static readonly UsageBalancedRule Instance = new();

    internal override RuleWatch Begin(SimulatedHost host)
    {
        var watch = new Watch([]);
        watch.Compare(host);
        return watch;
    }

    /// <summary>
    /// Remembers the counts, without those of the administrator, by the function's number and whether it is bound.
    /// </summary>
    private sealed class Watch(Dictionary<(int Index, bool IsBound), int> counts) : RuleWatch
    {
        public override string? Look(Moment moment) => moment.IsAtRest ? Compare(moment.Host) : null;

        public string? Compare(SimulatedHost host)
        {
            string? how = null;
            foreach (PciDevice device in host.Devices)
            {
                if (device is { IsBridge: false, Sriov: null or { NumVfs: 0 } } && IsUnused(device))
                {
                    how ??= Compare(device);
                }
            }

            return how;
        }

        public override RuleWatch Fork() => new Watch(new Dictionary<(int, bool), int>(counts));

        public override void AddTo(ref StateHash hash) => hash.AddInAnyOrder(counts, static (ref hash, of, count) =>
        {
            hash.Add(of.Index);
            hash.Add(of.IsBound);
            hash.Add(count);
        });

        private static bool IsUnused(PciDevice device) => device.Driver is null || VfioPciDriver.TryFind(device) is { IsOpen: false };

        private string? Compare(PciDevice device)
        {
            bool isBound = device.Driver is not null;
            int count = device.UsageCount - device.RuntimePm.UsageOfAdministrator;
            (int, bool) of = (device.RuntimePm.Index, isBound);
            return counts.TryAdd(of, count) || counts[of] == count
                ? null
                : Invariant($"{device.Name} is {(isBound ? "unused" : "unbound")} with a usage count of {count}, and it was {counts[of]}");
        }
    }
}
