namespace VfioPm.Tests;

/// <summary>What a test's own code throws in the middle of a call that somebody began.</summary>
public sealed class ThrowingCodeTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    public static TheoryData<string, string> Calls
    {
        get
        {
            TheoryData<string, string> calls = [];
            foreach ((string call, string profile) in Crowd.All)
            {
                calls.Add(call, profile);
            }

            return calls;
        }
    }

    /// <summary>
    /// The theorem, for whatever throws and wherever: the call ends as if a listener had not thrown, registers had not answered,
    /// a callback had been interrupted. So no lock stays held, no count raised, no status halfway, and later calls do what they do then.
    /// </summary>
    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_is_carried_out_to_its_end_and_throws_then(string call, string profile)
    {
        var trap = new Trap();
        trap.Disarm();
        SimulatedHost prepared = Crowd.Prepare(KernelProfile.Parse(profile), call, setup => setup.WithRegisters(trap), logger: trap);
        trap.Join(prepared);
        prepared.Clock.Advance(TimeSpan.FromSeconds(3));
        int number = 1;
        for (; ; number++)
        {
            using SimulatedHost quiet = prepared.Fork();
            trap.Arm(number, throws: false);
            List<Exception> thrown = MakeCall(quiet, call);
            if (!trap.WasReached)
            {
                break;
            }

            ulong expected = Hash(quiet, trap);
            thrown.Should().BeEmpty();

            using SimulatedHost host = prepared.Fork();
            trap.Arm(number, throws: true);
            MakeCall(host, call).Should().ContainSingle().Which.Should().BeOfType<TrapException>();
            IsWhole(host).Should().BeTrue();
            Hash(host, trap).Should().Be(expected, "nothing came of what call {0} threw", number);
        }

        number.Should().BeGreaterThan(1, "the test's code was called");
    }

    private static ulong Hash(SimulatedHost host, Trap trap)
    {
        trap.Disarm();
        return host.ComputeStateHash();
    }

    /// <summary>Lets a call run to its end, whatever is thrown meanwhile.</summary>
    private static List<Exception> MakeCall(SimulatedHost host, string call)
    {
        List<Exception> thrown = [];
        PendingCall pending = Crowd.Begin(host, call);
        TimeSpan end = host.Clock.Now + Long;
        while (host.Clock.Now < end)
        {
            try
            {
                host.Clock.Advance(end - host.Clock.Now);
            }
            catch (TrapException exception)
            {
                thrown.Add(exception);
            }
        }

        pending.IsCompleted.Should().BeTrue();
        if (pending.Thread.Thrown is { } inside)
        {
            thrown.Add(inside);
        }

        return thrown;
    }

    private static bool IsWhole(SimulatedHost host) =>
        !host.Clock.Gate.IsHeldByCurrentThread
        && host.Clock.Calls.Innermost is null
        && host.Clock.Cause is null
        && host.Kernel.Current is null
        && host.Kernel.Threads.Count == 0
        && host.Kernel.Outside.Held.Count == 0
        && !host.Devices.Any(device => device.IsLocked)
        && !host.VfioPci.Devices.Any(device => device.IsMemoryLocked)
        && !host.RuntimePm.Devices.Any(device => device.IdleNotification
            || device.Status is RuntimeStatus.Suspending or RuntimeStatus.Resuming);
}
