using System.Collections;

namespace VfioPm;

/// <summary>The entries of a trace at one moment. Nothing changes them.</summary>
internal sealed class TraceEntries(TraceEntry[][] blocks, int begin, int count) : IReadOnlyList<TraceEntry>
{
    public int Count => count;

    public TraceEntry this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
            (int block, int at) = Math.DivRem(begin + index, blocks[0].Length);
            return blocks[block][at];
        }
    }

    /// <summary>Those behind the first so many.</summary>
    public IEnumerable<TraceEntry> After(long skipped)
    {
        for (int index = (int)Math.Clamp(skipped, 0, count); index < count; index++)
        {
            yield return this[index];
        }
    }

    public IEnumerator<TraceEntry> GetEnumerator() => After(0).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
