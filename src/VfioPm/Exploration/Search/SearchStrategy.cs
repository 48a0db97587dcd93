namespace VfioPm;

/// <summary>In which order the states of a host are looked at (<see cref="SearchStrategies"/>).</summary>
public abstract class SearchStrategy
{
    private protected SearchStrategy(string name) => Name = name;

    /// <summary>The name on the command line: "breadth-first".</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Searches from a beginning on.</summary>
    internal abstract void Run(Branch beginning, Search search);
}
