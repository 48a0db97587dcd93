using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>Forks taken in the middle of recorded scenarios, queued work, timers and slow callbacks included.</summary>
public sealed class RpmForkTests
{
    [Theory]
    [MemberData(nameof(RpmRecordings.Kernels), MemberType = typeof(RpmRecordings))]
    public void A_fork_at_any_event_goes_on_as_the_original(string kernel)
    {
        foreach ((string name, Recording recording) in RpmRecordings.Of(kernel)
            .Where(static recorded => recorded.Name.StartsWith("parallel_", StringComparison.Ordinal)
                || recorded.Name.StartsWith("autosuspend_", StringComparison.Ordinal)))
        {
            for (int at = 1; at < recording.Events.Count; at++)
            {
                CheckForkAt(at, name, recording);
            }
        }
    }

    [Theory]
    [MemberData(nameof(RpmRecordings.Kernels), MemberType = typeof(RpmRecordings))]
    public void A_fork_in_the_middle_of_any_scenario_goes_on_as_the_original(string kernel)
    {
        foreach ((string name, Recording recording) in RpmRecordings.Of(kernel))
        {
            CheckForkAt(recording.Events.Count / 2, name, recording);
        }
    }

    private static void CheckForkAt(int at, string name, Recording recording)
    {
        RpmPlayer original = new(recording.Header);
        foreach (JsonObject recorded in recording.Events.Take(at))
        {
            original.Play(recorded);
        }

        // The fork plays first: were anything shared, the original would find it changed.
        RpmPlayer fork = original.Fork();
        List<JsonObject> rest = [.. recording.Events.Skip(at)];
        List<string> forked = [.. rest.Select(recorded => fork.Play(recorded).ToJsonString())];
        List<string> played = [.. rest.Select(recorded => original.Play(recorded).ToJsonString())];
        played.Should().Equal(forked, "{0} was forked before event {1}", name, at);
    }
}
