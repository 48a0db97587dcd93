namespace VfioPm;

/// <summary>A rule that watches one host, with what it remembers of the way there.</summary>
internal abstract class RuleWatch
{
    /// <summary>Looks at what just happened, and at the host as it is now.</summary>
    /// <returns>How the rule is broken, or null.</returns>
    public abstract string? Look(Moment moment);

    /// <summary>The watch of a fork. One that remembers nothing watches both.</summary>
    public virtual RuleWatch Fork() => this;

    /// <summary>Adds what it remembers: two hosts with another past are not the same for who judges by it.</summary>
    public virtual void AddTo(ref StateHash hash)
    {
    }
}

/// <summary>The watch of a rule that remembers nothing.</summary>
internal sealed class StatelessWatch(Func<Moment, string?> look) : RuleWatch
{
    public override string? Look(Moment moment) => look(moment);
}

/// <summary>The watch of a rule that is broken already.</summary>
internal sealed class BrokenWatch : RuleWatch
{
    public static readonly BrokenWatch Instance = new();

    public override string? Look(Moment moment) => null;

    public override void AddTo(ref StateHash hash) => hash.Add(true);
}
