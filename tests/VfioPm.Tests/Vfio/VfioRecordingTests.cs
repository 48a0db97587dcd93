namespace VfioPm.Tests;

// One class a profile: classes run beside each other, the cases of one class do not.

public sealed class PreRfcRecordingTests
{
    [Theory]
    [InlineData("a", 181)]
    [InlineData("a-d3hot-port", 141)]
    [InlineData("b", 182)]
    [InlineData("b-dark", 81)]
    [InlineData("d", 78)]
    [InlineData("f", 102)]
    [InlineData("f-dark", 18)]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string topology, int count) =>
        VfioRecordings.ShouldDivergeOnlyAsListed("pre-rfc", topology, count);
}

public sealed class RfcV1RecordingTests
{
    [Theory]
    [InlineData("a", 181)]
    [InlineData("a-d3hot-port", 141)]
    [InlineData("b", 182)]
    [InlineData("b-dark", 81)]
    [InlineData("d", 78)]
    [InlineData("f", 102)]
    [InlineData("f-dark", 18)]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string topology, int count) =>
        VfioRecordings.ShouldDivergeOnlyAsListed("rfc-v1", topology, count);
}

public sealed class Linux5_10RecordingTests
{
    [Theory]
    [InlineData("a", 81)]
    [InlineData("b", 81)]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string topology, int count) =>
        VfioRecordings.ShouldDivergeOnlyAsListed("linux-5.10", topology, count);
}

public sealed class Linux6_1RecordingTests
{
    [Theory]
    [InlineData("a", 102)]
    [InlineData("a-d3hot-port", 80)]
    [InlineData("b", 102)]
    [InlineData("c", 77)]
    [InlineData("d", 77)]
    [InlineData("f", 84)]
    [InlineData("g", 84)]
    [InlineData("h", 77)]
    [InlineData("i", 14)]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string topology, int count) =>
        VfioRecordings.ShouldDivergeOnlyAsListed("linux-6.1", topology, count);
}

public sealed class Linux6_12RecordingTests
{
    [Theory]
    [InlineData("a", 81)]
    [InlineData("b", 101)]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string topology, int count) =>
        VfioRecordings.ShouldDivergeOnlyAsListed("linux-6.12", topology, count);
}

public sealed class Linux7_3RecordingTests
{
    [Theory]
    [InlineData("a", 81)]
    [InlineData("b", 101)]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string topology, int count) =>
        VfioRecordings.ShouldDivergeOnlyAsListed("linux-7.3", topology, count);
}
