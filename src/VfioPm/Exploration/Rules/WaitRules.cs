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
                return thread.ToString();
            }
        }

        return null;
    }

    /// <summary>
    /// Who waits for a user to close his device may wait for ever, and so may who waits for a lock that is held meanwhile, or for a slot
    /// to be switched: that is the user's matter.
    /// </summary>
    private static bool WaitsForUser(KernelThread thread, IReadOnlyList<KernelThread> all, HashSet<KernelThread> asked) =>
        thread.WaitsOn is VfioPciDevice
        || (thread.WaitsOn is KernelLock wanted && asked.Add(thread)
            && all.Any(holder => holder.Held.Exists(held => held.Lock == wanted) && WaitsForUser(holder, all, asked)))
        || (thread.WaitsOn is HotplugController slot && asked.Add(thread)
            && all.Any(worker => worker.IsWorker && worker.Device == slot.Device && WaitsForUser(worker, all, asked)));
}
