namespace VfioPm;

/// <summary>A rule that can be judged by what just happened and by the host as it is.</summary>
/// <param name="id"><see cref="Rule.Id"/>.</param>
/// <param name="principle"><see cref="Rule.Principle"/>.</param>
/// <param name="source"><see cref="Rule.Source"/>.</param>
/// <param name="look">Says how it is broken, or null.</param>
internal sealed class StateRule(string id, string principle, string source, Func<Moment, string?> look)
    : Rule(id, principle, source)
{
    private readonly StatelessWatch _watch = new(look);

    internal override RuleWatch Begin(SimulatedHost host) => _watch;
}
