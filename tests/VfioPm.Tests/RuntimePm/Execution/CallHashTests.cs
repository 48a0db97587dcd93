namespace VfioPm.Tests;

/// <summary>Where the calls that are under way stand counts for the hash of the state.</summary>
public sealed class CallHashTests
{
    private static readonly RuntimePmDevice Nic = new RuntimePmCore().AddActive("nic");

    private static readonly Dictionary<string, Activation> Others = new()
    {
        ["routine"] = new(SuspendRoutine.Instance, Nic, RpmFlags.None, 0),
        ["device"] = new(ResumeRoutine.Instance, Nic.Core.AddActive("disk"), RpmFlags.None, 0),
        ["flags"] = new(ResumeRoutine.Instance, Nic, RpmFlags.NoWait, 0),
        ["argument"] = new(ResumeRoutine.Instance, Nic, RpmFlags.None, 1),
        ["step"] = new(ResumeRoutine.Instance, Nic, RpmFlags.None, 0) { At = 1 },
        ["returned value"] = new(ResumeRoutine.Instance, Nic, RpmFlags.None, 0) { Returned = 1 },
        ["result so far"] = new(ResumeRoutine.Instance, Nic, RpmFlags.None, 0) { Result = 1 },
        ["position"] = new(ResumeRoutine.Instance, Nic, RpmFlags.None, 0) { Position = 1 },
        ["reference"] = new(ResumeRoutine.Instance, Nic, RpmFlags.None, 0) { HoldsReference = true },
    };

    private readonly RuntimePmCore _core = new();

    public static TheoryData<string> Differences => [.. Others.Keys];

    [Theory]
    [MemberData(nameof(Differences))]
    public void Each_thing_that_a_run_of_a_routine_remembers_counts(string difference) =>
        HashOf(Others[difference]).Should().NotBe(HashOf(new Activation(ResumeRoutine.Instance, Nic, RpmFlags.None, 0)));

    [Fact]
    public void A_call_that_waits_counts_and_so_does_that_it_was_woken()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        nic.BeginSuspend();
        ulong before = HashOf(_core);

        Actor waiting = _core.Begin(ResumeRoutine.Instance, nic, RpmFlags.None);
        ulong asleep = HashOf(_core);
        waiting.Wake();
        ulong woken = HashOf(_core);

        new[] { before, asleep, woken }.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void What_a_call_that_waits_will_do_counts()
    {
        HashWithWaiting(SuspendRoutine.Instance).Should().NotBe(HashWithWaiting(ResumeRoutine.Instance));

        static ulong HashWithWaiting(Routine routine)
        {
            RuntimePmCore core = new();
            RuntimePmDevice nic = core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
            nic.BeginSuspend();
            core.Begin(routine, nic, RpmFlags.None).IsDone.Should().BeFalse();
            return HashOf(core);
        }
    }

    [Fact]
    public void A_call_that_slept_and_returned_leaves_nothing_behind()
    {
        RuntimePmCore other = new();
        other.AddActive("nic").Suspend();

        _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100)).BeginSuspend();
        _core.Advance(100);

        HashOf(_core).Should().Be(HashOf(other));
    }

    [Fact]
    public void A_call_that_returned_leaves_nothing_behind()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        ulong before = HashOf(_core);

        nic.GetSync();
        HashOf(_core).Should().NotBe(before, "the device is in use");
        nic.PutNoIdle();

        HashOf(_core).Should().Be(before);
    }

    private static ulong HashOf(Activation activation)
    {
        StateHash hash = StateHash.Empty;
        activation.AddTo(ref hash);
        return hash.Value;
    }

    private static ulong HashOf(RuntimePmCore core)
    {
        StateHash hash = StateHash.Empty;
        core.AddTo(ref hash);
        return hash.Value;
    }
}
