using System.Text;

namespace VfioPm;

/// <summary>What is said of calls that wait for each other, or for what nobody will do.</summary>
internal static class Deadlock
{
    public static string Describe(Kernel kernel)
    {
        var text = new StringBuilder("Nothing that is pending lets the call go on: the kernel would wait for ever.");
        Describe(kernel, text, [kernel]);
        return text.ToString();
    }

    /// <summary>A guest's thread may wait for one of its host, so the other kernel's threads belong to the picture.</summary>
    private static void Describe(Kernel kernel, StringBuilder text, List<Kernel> described)
    {
        foreach (KernelThread thread in kernel.Threads)
        {
            text.Append("\n  ").Append(thread);
        }

        if (kernel.Outside.Held.Count > 0)
        {
            text.Append("\n  from outside: holds ").AppendJoin(", ", kernel.Outside.Holds);
        }

        foreach (KernelThread thread in kernel.Threads)
        {
            if (thread.JoinedKernel is { } joined && !described.Contains(joined))
            {
                described.Add(joined);
                Describe(joined, text, described);
            }
        }
    }
}
