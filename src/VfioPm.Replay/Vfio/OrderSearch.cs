namespace VfioPm;

/// <summary>Looks for an order of threads and timers that gives what was recorded, where the usual one does not.</summary>
internal static class OrderSearch
{
    /// <summary>Plays an event.</summary>
    /// <param name="before">The machines before it, which stay.</param>
    /// <param name="recorded">The event.</param>
    /// <returns>What explains it, or else what comes closest.</returns>
    public static Explanations Play(List<VfioMachine> before, RecordedEvent recorded)
    {
        // What the operation took beyond the model's time passed before it; or else after it, while the recorder waited
        // for what a timer had begun.
        Closest closest = new();
        closest.AddRange(PlayOn(before, recorded, recorded.Time.On));
        if (!closest.IsExplanation)
        {
            closest.AddRange(PlayOn(before, recorded, _ => recorded.Start));
        }

        // A timer that ran out meanwhile may have done so later, or just when the recorder looked.
        if (!closest.IsExplanation)
        {
            closest.AddRange(RunOutBehind(closest.Farthest, recorded));
            closest.AddRange(closest.Farthest.SelectMany(attempt => Play(attempt.Ready, [], recorded, TimerSchedules.InterruptLook)));
        }

        if (!closest.IsExplanation)
        {
            closest.AddRange(ThreadSchedules.Search(closest.Farthest, (ready, plan) => Play(ready, plan, recorded)));
        }

        Explanations found = new();
        foreach (Attempt attempt in closest.Attempts)
        {
            found.Add(attempt.Machine, attempt.Played);
        }

        return found;
    }

    /// <summary>The machines that explain an event by other times of its call, and of timers, than the usual.</summary>
    public static List<VfioMachine> OtherMachines(List<VfioMachine> before, RecordedEvent recorded)
    {
        List<Attempt> attempts =
        [
            .. PlayOn(before, recorded, _ => recorded.Start),
            .. PlayOn(before, recorded, machine => (recorded.Start + recorded.Time.On(machine)) / 2),
        ];
        attempts.AddRange([.. RunOutBehind(attempts, recorded)]);
        return [.. attempts.Where(static attempt => attempt.IsExact).Select(static attempt => attempt.Machine)
            .DistinctBy(static machine => machine.Host.ComputeStateHash())];
    }

    private static IEnumerable<Attempt> RunOutBehind(IEnumerable<Attempt> attempts, RecordedEvent recorded) => attempts
        .SelectMany(static attempt => TimerSchedules.RunOutBehind(attempt.Ready, attempt.Ended))
        .SelectMany(ready => Play(ready, [], recorded));

    private static IEnumerable<Attempt> PlayOn(
        List<VfioMachine> machines, RecordedEvent recorded, Func<VfioMachine, TimeSpan> callTime) => machines
        .SelectMany(machine => TimerSchedules.Advance(machine.Fork(), callTime(machine)))
        .SelectMany(ready => Play(ready, [], recorded));

    private static IEnumerable<Attempt> Play(VfioMachine ready, IReadOnlyList<int> plan, RecordedEvent recorded) =>
        Play(ready, plan, recorded, TimerSchedules.Advance);

    private static IEnumerable<Attempt> Play(
        VfioMachine ready, IReadOnlyList<int> plan, RecordedEvent recorded, Func<VfioMachine, TimeSpan, IEnumerable<VfioMachine>> settle)
    {
        VfioMachine machine = ready.Fork();
        PlayedCall call = recorded.Play(machine, plan);
        TimeSpan ended = machine.Host.Clock.Now;

        // The recorder waited until nothing moved any more, and then looked.
        return settle(machine, recorded.End)
            .Select(settled => new Attempt(ready, ended, settled, new PlayedEvent(recorded, call, settled), recorded));
    }
}
