namespace VfioPm.Benchmarks;

/// <summary>One line of a quick run.</summary>
/// <param name="Name">As documents and comparisons call it.</param>
/// <param name="Unit">What it is in.</param>
/// <param name="Measure">Measures it once, whole.</param>
internal sealed record Figure(string Name, string Unit, Func<double> Measure)
{
    /// <summary>What one operation costs, in ns of processor time.</summary>
    /// <param name="name">The figure's.</param>
    /// <param name="operation">May be repeated for ever: it leaves everything as it was.</param>
    public static Figure PerOperation(string name, Action operation) =>
        new(name, "ns", () => ProcessorTime.PerOperation(operation));

    /// <summary>What one object of many keeps alive, in bytes.</summary>
    /// <param name="name">The figure's.</param>
    /// <param name="objects">How many there are in what is made.</param>
    /// <param name="make">Makes them.</param>
    public static Figure BytesKept(string name, int objects, Func<object> make) => new(name, "B", () =>
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        object made = make();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(made);
        return (double)(after - before) / objects;
    });
}
