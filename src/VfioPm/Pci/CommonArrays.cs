using System.Collections.Immutable;

namespace VfioPm;

/// <summary>
/// What was found of functions of one kind, and mostly is the same in all of them, so that it is kept once. Nobody ever changes it. Any
/// number of threads may ask.
/// </summary>
internal sealed class CommonArrays
{
    // What differs from function to function is not worth being kept.
    private const int Most = 16;

    private ImmutableArray<Array> _kept = [];

    /// <summary>An array that holds this; the same for all who ask, as a rule.</summary>
    public T[] For<T>(ReadOnlySpan<T> found)
        where T : unmanaged
    {
        ImmutableArray<Array> kept = _kept;
        foreach (Array one in kept)
        {
            if (one is T[] same && found.SequenceEqual(same, null))
            {
                return same;
            }
        }

        T[] made = [.. found];
        if (kept.Length < Most)
        {
            ImmutableInterlocked.Update(ref _kept, static (all, made) => all.Add(made), made);
        }

        return made;
    }
}
