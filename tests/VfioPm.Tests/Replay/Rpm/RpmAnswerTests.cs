using System.Text.Json.Nodes;

namespace VfioPm.Tests;

/// <summary>What a replay of the runtime-PM core may know of an event: what was asked for, and when.</summary>
public sealed class RpmAnswerTests
{
    private static readonly string[] Questions = ["i", "t0", "us", "call", "dev", "args", "unavailable"];

    [Theory]
    [MemberData(nameof(RpmRecordings.Kernels), MemberType = typeof(RpmRecordings))]
    public void A_recording_without_its_answers_is_played_as_the_whole(string kernel)
    {
        foreach ((string name, Recording recording) in RpmRecordings.Of(kernel))
        {
            Play(recording.Header, recording.Events.Select(Asked))
                .Should().Be(Play(recording.Header, recording.Events), "{0} is played", name);
        }
    }

    private static string Play(JsonObject header, IEnumerable<JsonObject> events)
    {
        RpmPlayer player = new(header);
        return string.Join('\n', events.Select(recorded => player.Play(recorded).ToJsonString()));
    }

    private static JsonObject Asked(JsonObject recorded) => new(recorded
        .Where(static field => Questions.Contains(field.Key))
        .Select(static field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));
}
