namespace VfioPm;

/// <summary>
/// Counts what may have closed the way to some function of a tree: power that was lost, a bridge that went to sleep, a
/// transition that began. A function whose way was found open in this epoch can still be reached without another look,
/// since time by itself only ever opens one.
/// </summary>
internal sealed class AccessEpoch
{
    public long Number { get; private set; } = 1;

    public void Advance() => Number++;
}
