namespace VfioPm.Tests;

/// <summary>
/// Whatever happens on a host, also in its interrupts, workers and guests, can be stopped wherever a thread could wait or lose the
/// processor; a host that is replaced by its fork there goes on as if it had not been.
/// </summary>
public sealed class ForkedAtEveryStepTests
{
    private static readonly TimeSpan Horizon = TimeSpan.FromSeconds(20);

    public static TheoryData<string, string> Happening
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach ((string name, string profile) in Happenings.Names)
            {
                data.Add(name, profile);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Happening))]
    public void A_host_that_is_replaced_by_its_fork_at_every_step_ends_as_the_one_that_is_not(string name, string profile) =>
        Play(name, profile, ForkAlike).Should().Be(Play(name, profile, static host => host));

    private static SimulatedHost ForkAlike(SimulatedHost host)
    {
        SimulatedHost fork = host.Fork();
        fork.ComputeStateHash().Should().Be(host.ComputeStateHash());
        return fork;
    }

    private static ulong Play(string name, string profile, Func<SimulatedHost, SimulatedHost> replace)
    {
        SimulatedHost host = Happenings.Make(name, profile);
        TimeSpan end = host.Clock.Now + Horizon;
        host.Kernel.Scheduler = new PreemptsEverywhere();
        foreach (LinuxGuest guest in host.Guests)
        {
            guest.RuntimePm.Kernel.Scheduler = new PreemptsEverywhere();
        }

        Happenings.Begin(name, host);
        while (host.Clock.NextDue <= end && host.Clock.CountNext() > 0)
        {
            host = replace(host);
            host.Clock.RunNext(choice: 0);
        }

        host.Clock.Advance(Horizon);
        host.Kernel.Threads.Should().BeEmpty();
        return host.ComputeStateHash();
    }
}
