namespace VfioPm;

/// <summary>Locks are taken in one order.</summary>
internal sealed class LockOrderRule() : Rule(
    "lock-order",
    "Locks that are held together are taken in one order by everybody, so that no two can wait for each other.",
    "Documentation/locking/lockdep-design.rst; host.Kernel.LockOrder")
{
    public static readonly LockOrderRule Instance = new();

    internal override RuleWatch Begin(SimulatedHost host) => new Watch(0);

    /// <summary>Remembers how many orders it has looked at. That is no part of the state: it says nothing of what comes.</summary>
    private sealed class Watch(int known) : RuleWatch
    {
        private int _known = known;

        public override string? Look(Moment moment)
        {
            LockOrder order = moment.Host.Kernel.LockOrder;
            if (order.Count == _known)
            {
                return null;
            }

            _known = order.Count;
            return order.FindCircles() is [{ } circle, ..] ? circle.ToString() : null;
        }

        public override RuleWatch Fork() => new Watch(_known);
    }
}
