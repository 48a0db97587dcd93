namespace VfioPm.AnyCalls;

/// <summary>What holds after every call, whatever it was.</summary>
internal static class Invariants
{
    /// <returns>What does not hold, or null.</returns>
    public static string? FindBroken(SimulatedHost host)
    {
        string? left = host.Clock.Gate.IsHeldByCurrentThread ? "the gate is held"
            : host.Kernel.Current is not null ? "a thread is current"
            : host.Clock.Calls.Innermost is not null ? "a call is under way"
            : host.Clock.Cause is not null ? $"the cause is {host.Clock.Cause}"
            : !host.Clock.Horizon.Equals(Horizon.None) ? "a horizon is set"
            : null;
        return left ?? host.Kernel.Threads.FirstOrDefault(static thread => thread.HasEnded)?.ToString();
    }
}
