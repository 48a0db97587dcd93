namespace VfioPm.Tests;

/// <summary>
/// Every call can be stopped at every point where it could wait or lose the processor; there its host is forked, and both go
/// on to the same end. A schedule that is played again ends there too.
/// </summary>
public sealed class StoppedCallTests
{
    private static readonly TimeSpan Horizon = TimeSpan.FromSeconds(200);

    public static TheoryData<string, string> CallsAndProfiles
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach ((string call, string profile) in Crowd.All)
            {
                data.Add(call, profile);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(CallsAndProfiles))]
    public void Forked_at_every_stop_it_ends_as_the_original_does(string name, string profile)
    {
        SimulatedHost host = Crowd.Prepare(KernelProfile.Parse(profile), name);
        TimeSpan end = host.Clock.Now + Horizon;
        host.Kernel.Scheduler = new PreemptsEverywhere();
        PendingCall call = Crowd.Begin(host, name);
        List<SimulatedHost> forks = [];
        int stops = 0;
        while (!call.IsCompleted)
        {
            SimulatedHost fork = host.Fork();
            fork.ComputeStateHash().Should().Be(host.ComputeStateHash(), $"at stop {stops}");
            forks.Add(fork);
            stops++;
            host.Clock.RunNext(choice: 0);
        }

        Finish(host, end);
        ulong expected = host.ComputeStateHash();
        stops.Should().BePositive("the call gives way at least where it takes a lock or might sleep");
        foreach (SimulatedHost fork in forks)
        {
            Finish(fork, end);
            fork.ComputeStateHash().Should().Be(expected);
        }

        host.Kernel.Threads.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(CallsAndProfiles))]
    public void A_schedule_that_is_played_again_ends_in_the_same_state(string name, string profile)
    {
        (ulong hash, List<int> schedule) = PlayAtRandom(name, profile, seed: 7);

        Replay(name, profile, schedule).Should().Be(hash);
    }

    private static (ulong Hash, List<int> Schedule) PlayAtRandom(string name, string profile, int seed)
    {
        var random = new Random(seed);
        List<int> schedule = [];
        ulong hash = Play(name, profile, count =>
        {
            int choice = random.Next(count);
            schedule.Add(choice);
            return choice;
        });
        return (hash, schedule);
    }

    private static ulong Replay(string name, string profile, List<int> schedule)
    {
        int position = 0;
        return Play(name, profile, _ => schedule[position++]);
    }

    private static ulong Play(string name, string profile, Func<int, int> choose)
    {
        SimulatedHost host = Crowd.Prepare(KernelProfile.Parse(profile), name);
        TimeSpan end = host.Clock.Now + Horizon;
        host.Kernel.Scheduler = new PreemptsEverywhere();
        PendingCall call = Crowd.Begin(host, name);
        while (!call.IsCompleted)
        {
            host.Clock.RunNext(choose(host.Clock.CountNext()));
        }

        Finish(host, end);
        return host.ComputeStateHash();
    }

    private static void Finish(SimulatedHost host, TimeSpan end) => host.Clock.Advance(end - host.Clock.Now);
}
