using static System.FormattableString;

namespace VfioPm;

/// <summary>Unused, a function has the counts that it had before it was used.</summary>
internal sealed class UsageBalancedRule() : Rule(
    "usage-balanced",
    "At rest a function that vfio-pci has, and nobody has open, holds as many usage counts, its own and those on it, as the last"
        + " time that it was so.",
    "Documentation/power/runtime_pm.rst, section 3 (usage counters are balanced); vfio_pci_core_enable(), vfio_pci_core_disable()")
{
    public static readonly UsageBalancedRule Instance = new();

    internal override RuleWatch Begin(SimulatedHost host)
    {
        var watch = new Watch([]);
        watch.Look(new Moment(host, new HardwareWitness()));
        return watch;
    }

    /// <summary>Remembers the counts, without the administrator's, which is one while he keeps the function on.</summary>
    private sealed class Watch(Dictionary<int, int> counts) : RuleWatch
    {
        public override string? Look(Moment moment)
        {
            if (!moment.IsAtRest)
            {
                return null;
            }

            foreach (VfioPciDevice device in moment.Host.VfioPci.Devices)
            {
                if (device.IsOpen || device.Pci.Sriov is { NumVfs: > 0 })
                {
                    continue;
                }

                int count = device.Pci.UsageCount - (device.Pci.RuntimePm.RuntimeAuto ? 0 : 1);
                int index = device.Pci.RuntimePm.Index;
                if (!counts.TryAdd(index, count) && counts[index] != count)
                {
                    return Invariant($"{device.Pci.Name} is unused with a usage count of {count}, and it was {counts[index]}");
                }
            }

            return null;
        }

        public override RuleWatch Fork() => new Watch(new Dictionary<int, int>(counts));

        public override void AddTo(ref StateHash hash) => hash.AddInAnyOrder(counts, static (ref hash, index, count) =>
        {
            hash.Add(index);
            hash.Add(count);
        });
    }
}
