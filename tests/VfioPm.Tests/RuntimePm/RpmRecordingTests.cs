namespace VfioPm.Tests;

public sealed class RpmRecordingTests
{
    [Theory]
    [MemberData(nameof(RpmRecordings.Kernels), MemberType = typeof(RpmRecordings))]
    public void The_model_answers_every_call_of_a_scenario_as_the_kernel_did(string kernel) =>
        new RecordingArchive(kernel).Divergences(static name => !RpmRecordings.IsRandom(name)).Should().BeEmpty();

    [Theory]
    [InlineData("linux-5.10", 253)]
    [InlineData("linux-6.1", 323)]
    [InlineData("linux-6.12", 253)]
    [InlineData("linux-7.3", 253)]
    public void No_recording_is_missing(string kernel, int count) => RpmRecordings.Of(kernel).Should().HaveCount(count);
}
