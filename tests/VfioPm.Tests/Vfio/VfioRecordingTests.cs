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
    [InlineData("d", 12)]
    [InlineData("f", 11)]
    [InlineData("h", 12)]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string topology, int count) =>
        VfioRecordings.ShouldDivergeOnlyAsListed("linux-5.10", topology, count);
}

public sealed class Linux6_1RecordingTests
{
    [Theory]
    [InlineData("a", 115)]
    [InlineData("a-d3hot-port", 95)]
    [InlineData("asleep", 22)]
    [InlineData("b", 142)]
    [InlineData("b-hp", 6)]
    [InlineData("b-nos0w", 8)]
    [InlineData("b-s0w3", 8)]
    [InlineData("b-unset", 8)]
    [InlineData("c", 94)]
    [InlineData("crowd", 50)]
    [InlineData("d", 90)]
    [InlineData("e", 19)]
    [InlineData("e-cold", 7)]
    [InlineData("e-flr", 7)]
    [InlineData("e-nopm", 6)]
    [InlineData("explored", 4)]
    [InlineData("f", 117)]
    [InlineData("g", 101)]
    [InlineData("h", 90)]
    [InlineData("hp", 6)]
    [InlineData("i", 14)]
    [InlineData("i-hp", 15)]
    [InlineData("k", 12)]
    [InlineData("nasty", 78)]
    [InlineData("pcibr", 14)]
    [InlineData("plug", 46)]
    [InlineData("sw", 18)]
    [InlineData("sw-cold", 33)]
    [InlineData("x-ahci", 8)]
    [InlineData("x-hda", 7)]
    [InlineData("x-megasas", 7)]
    [InlineData("x-rtl8139", 6)]
    [InlineData("x-tulip", 6)]
    [InlineData("x-vmxnet3", 7)]
    [InlineData("x-xhci", 7)]
    [InlineData("y-d1-d2-pme", 16)]
    [InlineData("y-gated", 16)]
    [InlineData("y-soft-reset", 16)]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string topology, int count) =>
        VfioRecordings.ShouldDivergeOnlyAsListed("linux-6.1", topology, count);
}

public sealed class Linux6_12RecordingTests
{
    [Theory]
    [InlineData("a", 88)]
    [InlineData("a-d3hot-port", 17)]
    [InlineData("asleep", 24)]
    [InlineData("b", 107)]
    [InlineData("c", 14)]
    [InlineData("crowd", 50)]
    [InlineData("d", 17)]
    [InlineData("e", 5)]
    [InlineData("explored", 4)]
    [InlineData("f", 24)]
    [InlineData("g", 6)]
    [InlineData("h", 17)]
    [InlineData("i", 14)]
    [InlineData("i-hp", 15)]
    [InlineData("nasty", 78)]
    [InlineData("pcibr", 6)]
    [InlineData("plug", 36)]
    [InlineData("sw-cold", 6)]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string topology, int count) =>
        VfioRecordings.ShouldDivergeOnlyAsListed("linux-6.12", topology, count);
}

public sealed class Linux7_3RecordingTests
{
    [Theory]
    [InlineData("a", 86)]
    [InlineData("a-d3hot-port", 12)]
    [InlineData("asleep", 33)]
    [InlineData("b", 110)]
    [InlineData("c", 9)]
    [InlineData("crowd", 50)]
    [InlineData("d", 13)]
    [InlineData("explored", 4)]
    [InlineData("f", 33)]
    [InlineData("g", 13)]
    [InlineData("h", 12)]
    [InlineData("i", 14)]
    [InlineData("i-hp", 15)]
    [InlineData("nasty", 78)]
    [InlineData("plug", 48)]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string topology, int count) =>
        VfioRecordings.ShouldDivergeOnlyAsListed("linux-7.3", topology, count);
}

// Most of the time goes into orders of threads that explain nothing.
public sealed class LongCrowdRecordingTests
{
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void The_model_answers_every_recorded_event_as_the_kernel_did(string profile)
    {
        Assert.SkipUnless(LongRun.Times(1) > 1, $"a minute each: {LongRun.Variable}=2");
        VfioRecordings.ShouldDivergeOnlyAsListed(profile, "crowd-2", 35);
    }
}
