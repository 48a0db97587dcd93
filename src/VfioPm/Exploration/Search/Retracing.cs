namespace VfioPm;

/// <summary>
/// Comes to states again on the ways that led there. A way takes some bytes, a host more than ten thousand; and what lives for a
/// moment costs the garbage collector nothing, where a frontier of hosts would be moved and looked through again and again.
/// </summary>
internal static class Retracing
{
    /// <summary>Comes to the ends of some ways, in their order; those that stand together go together as far as they share choices.</summary>
    /// <param name="beginning">Where all of them begin; it is used up, as each end may be by who takes it.</param>
    /// <param name="ways">The ways.</param>
    public static IEnumerable<Branch> Along(Branch beginning, IReadOnlyList<Way> ways)
    {
        // Where later ones turn off from those before.
        Stack<Branch> turnings = new([beginning]);
        for (int number = 0; number < ways.Count; number++)
        {
            Branch branch = turnings.Pop();
            Leave(turnings, branch, ways, number);
            foreach (Way step in ways[number].Since(branch.Way.Depth))
            {
                branch.Retrace(step);
                Leave(turnings, branch, ways, number);
            }

            yield return branch;
        }
    }

    /// <summary>Leaves a fork where a later way turns off from one.</summary>
    private static void Leave(Stack<Branch> turnings, Branch branch, IReadOnlyList<Way> ways, int number)
    {
        int shared = int.MaxValue;
        for (int later = number + 1; later < ways.Count && shared > branch.Way.Depth; later++)
        {
            shared = Way.CountShared(ways[later - 1], ways[later]);
        }

        if (shared == branch.Way.Depth)
        {
            turnings.Push(branch.Fork());
        }
    }
}
