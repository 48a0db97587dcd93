using System.Text.Json.Nodes;

namespace VfioPm;

/// <summary>
/// When an operation was really begun. The recorder read the clock before it; what its machine took for the operation
/// beyond what the model takes passed, as far as anybody can tell, before the kernel did anything.
/// </summary>
internal sealed class CallTime
{
    // What the recorder takes beside the operation and the wait after it.
    private static readonly TimeSpan Overhead = TimeSpan.FromMilliseconds(2);

    // More than that is no slow machine: the recorder waited on, because something moved.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(40);

    // What waits in the kernel waits for longer; so what took less did not wait.
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(8);

    private readonly RecordedEvent _recorded;
    private readonly TimeSpan _callTaken;

    public CallTime(RecordedEvent recorded, JsonObject header)
    {
        _recorded = recorded;
        Taken = recorded.End - recorded.Start
            - TimeSpan.FromMilliseconds(header.RequiredNumber("settle_ms", 0, ScenarioHead.LongestWait)) - Overhead;
        _callTaken = recorded.Json[VfioOperation.Took] is { } took ? TimeSpan.FromMilliseconds((double)took) : Taken;
    }

    /// <summary>How long the recorder was busy with the operation, the wait after it not counted.</summary>
    public TimeSpan Taken { get; }

    /// <summary>When it was begun, if it takes so long in the model.</summary>
    public TimeSpan Of(TimeSpan duration)
    {
        TimeSpan unexplained = _callTaken - duration;
        return unexplained > TimeSpan.Zero && unexplained <= Longest ? _recorded.Start + unexplained : _recorded.Start;
    }

    /// <summary>When it was probably begun on a machine: so that it takes no time, or when the recorder began.</summary>
    public TimeSpan Guess(VfioMachine machine)
    {
        TimeSpan guess = Of(TimeSpan.Zero);
        return _callTaken < ShortestSleep && machine.Host.Clock.NextDue > guess ? guess : _recorded.Start;
    }

    /// <summary>When it was begun, by how long it takes if it is begun at a moment that was guessed.</summary>
    /// <param name="guess">The guess.</param>
    /// <param name="duration">How long it took then.</param>
    /// <param name="before">The machine before.</param>
    public TimeSpan Correct(TimeSpan guess, TimeSpan duration, VfioMachine before) =>
        guess == _recorded.Start ? Of(duration)
        : duration == TimeSpan.Zero ? guess
        : On(before);

    /// <summary>When it was begun on a machine, by how long it takes there.</summary>
    public TimeSpan On(VfioMachine machine) => _callTaken <= TimeSpan.Zero ? _recorded.Start : Of(Rehearse(machine.Fork()));

    /// <summary>How long the operation takes on a machine, which is used up by it.</summary>
    public TimeSpan Rehearse(VfioMachine machine)
    {
        TimerSchedules.AdvanceTo(machine.Host.Clock, _recorded.Start);
        return _recorded.Operation.Play(machine, _recorded.Json).Duration;
    }
}
