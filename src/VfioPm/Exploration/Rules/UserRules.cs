namespace VfioPm;

/// <summary>What a test says has to hold after everything that happens.</summary>
internal sealed class AlwaysRule(string name, Func<SimulatedHost, bool> holds)
    : Rule(name, "it always holds", "the test")
{
    internal override RuleWatch Begin(SimulatedHost host) =>
        new StatelessWatch(moment => holds(moment.Host) ? null : "it does not hold");
}

/// <summary>What a test says comes true in every order.</summary>
internal sealed class EventuallyRule(string name, Func<SimulatedHost, bool> holds)
    : Rule(name, "it comes true before nothing can happen any more", "the test")
{
    internal override RuleWatch Begin(SimulatedHost host) => new Watch(holds, cameTrue: holds(host));

    private sealed class Watch(Func<SimulatedHost, bool> holds, bool cameTrue) : RuleWatch
    {
        private bool _cameTrue = cameTrue;

        public override string? Look(Moment moment)
        {
            _cameTrue = _cameTrue || holds(moment.Host);
            return moment.IsEnd && !_cameTrue ? "nothing can happen any more, and it never came true" : null;
        }

        public override RuleWatch Fork() => new Watch(holds, _cameTrue);

        public override void AddTo(ref StateHash hash) => hash.Add(_cameTrue);
    }
}

/// <summary>What a test says comes true in some order. That it did is found like a breach, and is none.</summary>
internal sealed class SometimesRule(string name, Func<SimulatedHost, bool> holds)
    : Rule(name, "it comes true in some order", "the test")
{
    internal override RuleWatch Begin(SimulatedHost host) =>
        new StatelessWatch(moment => holds(moment.Host) ? "it came true" : null);
}
