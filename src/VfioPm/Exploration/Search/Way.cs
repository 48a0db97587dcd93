namespace VfioPm;

/// <summary>The choices that led to a state; those that begin alike share their beginning.</summary>
internal sealed class Way
{
    /// <summary>Where no choice was made yet.</summary>
    public static readonly Way Beginning = new();

    private readonly Way? _earlier;

    /// <summary>One choice more.</summary>
    public Way(Way earlier, Choice choice)
    {
        _earlier = earlier;
        Choice = choice;
        Depth = earlier.Depth + 1;
    }

    private Way()
    {
    }

    /// <summary>The last choice.</summary>
    public Choice Choice { get; }

    /// <summary>How many there are.</summary>
    public int Depth { get; }

    /// <summary>All of them, the first one first.</summary>
    public IReadOnlyList<Choice> Choices => [.. Since(0).Select(static step => step.Choice)];

    /// <summary>How many choices two ways share, the first ones.</summary>
    public static int CountShared(Way one, Way other)
    {
        while (one != other)
        {
            if (one.Depth >= other.Depth)
            {
                one = one._earlier!;
            }
            else
            {
                other = other._earlier!;
            }
        }

        return one.Depth;
    }

    /// <summary>What it was after each choice but so many first ones.</summary>
    public Way[] Since(int depth)
    {
        var steps = new Way[Depth - depth];
        Way step = this;
        for (int index = steps.Length - 1; index >= 0; index--)
        {
            steps[index] = step;
            step = step._earlier!;
        }

        return steps;
    }
}
