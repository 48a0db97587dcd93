namespace VfioPm.Tests;

public sealed class RpmRandomRecordingTests
{
    [Theory]
    [MemberData(nameof(RpmRecordings.Kernels), MemberType = typeof(RpmRecordings))]
    public void The_model_answers_every_call_of_a_generator_as_the_kernel_did(string kernel) =>
        new RecordingArchive(kernel).Divergences(RpmRecordings.IsRandom).Should().BeEmpty();
}
