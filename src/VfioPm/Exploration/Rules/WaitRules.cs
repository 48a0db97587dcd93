namespace VfioPm;

/// <summary>Rules about who waits for whom.</summary>
internal static class WaitRules
{
    public static readonly Rule NoWaitForever = new StateRule(
        "no-wait-forever",
        "Nobody waits for a lock, a transition or a call that nothing pending brings about.",
        "Documentation/locking/lockdep-design.rst; Documentation/power/runtime_pm.rst, section 4 (what may be called where)",
        static moment => moment.Deadlock ?? (moment.Host.Clock.IsAnythingComing ? null : FindStuck(moment.Host.Kernel)));

    /// <summary>Who waits for a user to close his device may wait for ever: that is the user's matter.</summary>
    private static string? FindStuck(Kernel kernel)
    {
        foreach (KernelThread thread in kernel.Threads)
        {
            if (thread.WaitsOn is not (null or VfioPciDevice))
            {
                return thread.ToString();
            }
        }

        return null;
    }
}
