namespace VfioPm;

/// <summary>What the callbacks of all devices did since somebody last looked (<c>cb</c> of an event).</summary>
internal sealed class CallbackLog : IForkable
{
    private readonly List<string> _lines = [];

    public void Add(string line) => _lines.Add(line);

    /// <summary>Takes the lines out.</summary>
    public IReadOnlyList<string> Take()
    {
        string[] lines = [.. _lines];
        _lines.Clear();
        return lines;
    }

    public IForkable Fork(ForkContext fork)
    {
        CallbackLog copy = new();
        fork.Register(this, copy);
        copy._lines.AddRange(_lines);
        return copy;
    }
}
