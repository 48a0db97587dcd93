using System.Collections.Immutable;

namespace VfioPm;

/// <summary>What one writes in a word is not undone by who writes back what he read before.</summary>
internal sealed class NoLostUpdateRule() : Rule(
    "no-lost-update",
    "What one thread writes in a word is not undone by another that changes something else in it, by reading the word and writing it"
        + " back.",
    "Documentation/memory-barriers.txt (bitfields that share a word need one lock); \"vfio/pci: Fix racy bitfields and tighten struct"
        + " layout\" (20260507192206.1350046-2); host.Kernel.LostUpdates. Where the word is COMMAND, interrupt-owned and fence-lifted tell")
{
    public static readonly NoLostUpdateRule Instance = new();

    internal override RuleWatch Begin(SimulatedHost host) => new Watch(host.Kernel.LostUpdates.Count);

    /// <summary>Remembers how many it knows. That is no part of the state: it says nothing of what comes.</summary>
    private sealed class Watch(int known) : RuleWatch
    {
        private int _known = known;

        public override string? Look(Moment moment)
        {
            ImmutableList<string> lost = moment.Host.Kernel.LostUpdates;
            if (lost.Count == _known)
            {
                return null;
            }

            _known = lost.Count;
            return $"what a thread wrote in {lost[^1]} was undone by another, which had read the word before";
        }

        public override RuleWatch Fork() => new Watch(_known);
    }
}
