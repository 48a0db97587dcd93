using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace VfioPm.Tests;

/// <summary>What holds after any sequence of calls, whatever the callbacks return and however long they take.</summary>
public sealed class RuntimePmPropertyTests
{
    private const string Linux5_10 = "5.10.0";

    public static TheoryData<string> Releases => [Linux5_10, "6.1.0", "6.12.0", "7.3.0"];

    [Theory]
    [MemberData(nameof(Releases))]
    public void Counts_are_never_negative(string release) =>
        ForAll(RandomScenario.WithoutForcedStatus, release, static (machine, _) =>
        {
            foreach (RuntimePmDevice device in machine.Core.Devices)
            {
                device.ChildCount.Should().BeGreaterThanOrEqualTo(0);
                device.DisableDepth.Should().BeGreaterThanOrEqualTo(0);
                device.Suppliers.Should().NotContain(static link => link.RpmActive < 1);
                if (!machine.Core.Rules.UsageCountMayUnderflow)
                {
                    device.UsageCount.Should().BeGreaterThanOrEqualTo(0);
                }
            }
        });

    [Theory]
    [MemberData(nameof(Releases))]
    public void A_device_in_use_does_not_begin_to_suspend(string release) =>
        WatchSuspends(RandomScenario.Any, release, static device =>
        {
            if (device.Core.Rules.UsageCountMayUnderflow)
            {
                device.UsageCount.Should().BeLessThanOrEqualTo(0);
            }
            else
            {
                device.UsageCount.Should().Be(0);
            }
        });

    [Theory]
    [MemberData(nameof(Releases))]
    public void A_device_with_an_active_child_does_not_begin_to_suspend_unless_it_ignores_children(string release) =>
        WatchSuspends(RandomScenario.WithoutForcedStatus, release, static device =>
        {
            bool hasActiveChild = device.Core.Devices.Any(child =>
                child.Parent == device && child.Status == RuntimeStatus.Active);
            (hasActiveChild && !device.IgnoresChildren).Should().BeFalse();
        });

    [Theory]
    [MemberData(nameof(Releases))]
    public void Nothing_is_pending_or_under_way_after_a_barrier(string release) =>
        ForAll(RandomScenario.Any, release, static (machine, call) =>
        {
            if ((string?)call["call"] is "barrier" && (string?)call["dev"] is { } name)
            {
                RuntimePmDevice device = machine.Device(name);
                device.RequestPending.Should().BeFalse();
                device.TimerExpires.Should().BeNull();
                device.IdleNotification.Should().BeFalse();
                device.Status.Should().BeOneOf(RuntimeStatus.Active, RuntimeStatus.Suspended);
            }
        });

    [Theory]
    [MemberData(nameof(Releases))]
    public void The_same_calls_give_the_same_trace_and_the_same_state(string release) =>
        Check(RandomScenario.Any, calls => Run(release, calls).Should().Be(Run(release, calls)));

    [Theory]
    [MemberData(nameof(Releases))]
    public void A_fork_goes_on_as_the_original_and_does_not_touch_it(string release) =>
        Check(RandomScenario.Any, calls =>
        {
            (JsonObject header, IReadOnlyList<JsonObject> events) = RandomScenario.Recording(release, calls);
            int middle = events.Count - (calls.Length / 2);
            RpmPlayer original = new(header);
            Play(original, events.Take(middle));
            RpmPlayer fork = original.Fork();
            ulong before = HashOf(original.Machine);
            HashOf(fork.Machine).Should().Be(before);

            string forked = Play(fork, events.Skip(middle));

            HashOf(original.Machine).Should().Be(before);
            Play(original, events.Skip(middle)).Should().Be(forked);
            HashOf(original.Machine).Should().Be(HashOf(fork.Machine));
        });

    private static (string Trace, ulong Hash) Run(string release, RandomCall[] calls)
    {
        (JsonObject header, IReadOnlyList<JsonObject> events) = RandomScenario.Recording(release, calls);
        RpmPlayer player = new(header);
        return (Play(player, events), HashOf(player.Machine));
    }

    private static string Play(RpmPlayer player, IEnumerable<JsonObject> events) =>
        string.Join('\n', events.Select(asked => player.Play(asked).ToJsonString()));

    private static ulong HashOf(RpmMachine machine)
    {
        StateHash hash = StateHash.Empty;
        machine.Core.AddTo(ref hash);
        machine.Core.Clock.AddTo(ref hash);
        return hash.Value;
    }

    private static void ForAll(
        Arbitrary<RandomCall[]> scenarios, string release, Action<RpmMachine, JsonObject> holdsAfter) =>
        Check(scenarios, calls =>
        {
            (JsonObject header, IReadOnlyList<JsonObject> events) = RandomScenario.Recording(release, calls);
            RpmPlayer player = new(header);
            foreach (JsonObject asked in events)
            {
                player.Play(asked);
                holdsAfter(player.Machine, asked);
            }
        });

    private static void WatchSuspends(
        Arbitrary<RandomCall[]> scenarios, string release, Action<RuntimePmDevice> holdsAtSuspend) =>
        Check(scenarios, calls =>
        {
            (JsonObject header, IReadOnlyList<JsonObject> events) = RandomScenario.Recording(release, calls);
            RpmPlayer player = new(header);
            player.Machine.Core.Events.Add(new SuspendWatcher(holdsAtSuspend));
            Play(player, events);
        });

    private static void Check(Arbitrary<RandomCall[]> scenarios, Action<RandomCall[]> property) =>
        Prop.ForAll(scenarios, property).Check(
            Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(80).WithReplay(20261122, 1));

    private sealed class SuspendWatcher(Action<RuntimePmDevice> onSuspend) : IRuntimePmListener
    {
        public void OnStatus(RuntimePmDevice device, RuntimeStatus before)
        {
            if (device.Status == RuntimeStatus.Suspending)
            {
                onSuspend(device);
            }
        }

        public IForkable Fork(ForkContext fork) => this;
    }
}
