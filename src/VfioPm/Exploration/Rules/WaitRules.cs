namespace VfioPm;

/// <summary>Rules about who waits for whom.</summary>
internal static class WaitRules
{
    public static readonly Rule NoWaitForever = new StateRule(
        "no-wait-forever",
        "Nobody waits for a lock, a transition or a call that nothing pending brings about.",
        "Documentation/locking/lockdep-design.rst; Documentation/power/runtime_pm.rst, section 4 (what may be called where)",
        static moment => moment.Deadlock ?? (moment.Host.Clock.IsAnythingComing ? null : FindStuck(moment.Host.Kernel)));

    private static string? FindStuck(Kernel kernel)
    {
        IReadOnlyList<KernelThread> threads = kernel.Threads;
        foreach (KernelThread thread in threads)
        {
            if (thread.WaitsOn is not null && !WaitsForUser(thread, threads, []))
            {
                return FindRoot(thread, threads).ToString();
            }
        }

        return null;
    }

    /// <summary>Of those who wait for each other the one at whom it ends, or who is met twice: the others only come behind.</summary>
    private static KernelThread FindRoot(KernelThread thread, IReadOnlyList<KernelThread> all)
    {
        KernelThread root = thread;
        HashSet<KernelThread> passed = [];
        while (passed.Add(root) && WaitedFor(root, all).FirstOrDefault() is { } next)
        {
            root = next;
        }

        return root;
    }

    /// <summary>
    /// Who waits for a user to close his device may wait for ever, and so may who waits for a lock that is held meanwhile, or for a slot
    /// to be switched: that is the user's matter.
    /// </summary>
    private static bool WaitsForUser(KernelThread thread, IReadOnlyList<KernelThread> all, HashSet<KernelThread> asked) =>
        thread.WaitsOn is VfioPciDevice || (asked.Add(thread) && WaitedFor(thread, all).Any(other => WaitsForUser(other, all, asked)));

    private static IEnumerable<KernelThread> WaitedFor(KernelThread thread, IReadOnlyList<KernelThread> all) => thread.WaitsOn switch
    {
        KernelLock wanted => all.Where(holder => holder.Held.Exists(held => held.Lock == wanted)),
        HotplugController slot => all.Where(worker => worker.IsWorker && worker.Device == slot.Device),
        _ => [],
    };
}
