using VfioPm.Cli;

namespace VfioPm.Tests;

public sealed class RpmRecordingTests
{
    [Theory]
    [MemberData(nameof(RpmRecordings.Kernels), MemberType = typeof(RpmRecordings))]
    public void The_model_answers_every_recorded_call_as_the_kernel_did(string kernel)
    {
        List<string> divergences = [];
        foreach ((string name, Recording recording) in RpmRecordings.Of(kernel))
        {
            ReplayedEvent? first = Replay.Play(name, recording)
                .FirstOrDefault(static replayed => replayed.Differences.Count > 0);
            if (first is not null)
            {
                divergences.Add($"{kernel}/{name}: {first.Title}: {string.Join("; ", first.Differences)}");
            }
        }

        divergences.Should().BeEmpty();
    }

    [Theory]
    [InlineData("linux-5.10", 253)]
    [InlineData("linux-6.1", 323)]
    [InlineData("linux-6.12", 253)]
    [InlineData("linux-7.3", 253)]
    public void No_recording_is_missing(string kernel, int count) => RpmRecordings.Of(kernel).Should().HaveCount(count);
}
