namespace VfioPm.Tests;

public sealed class KnownDivergenceTests
{
    [Fact]
    public void Each_listed_divergence_has_its_cause_above_it() =>
        VfioRecordings.UnexplainedDivergences().Should().BeEmpty();

    [Fact]
    public void No_divergence_is_listed_twice() =>
        VfioRecordings.KnownDivergences().Should().OnlyHaveUniqueItems();

    [Fact]
    public void What_is_listed_is_an_event_and_a_field_of_a_recording_that_exists()
    {
        foreach (string place in VfioRecordings.KnownDivergences())
        {
            string[] parts = place.Split(' ');
            string[] path = parts[0].Split('/');

            parts.Should().HaveCount(3, "\"{0}\" should be recording, event and field", place);
            path.Should().HaveCount(3, "\"{0}\" should begin with profile/topology/name", place);
            new RecordingArchive($"{path[0]}/{path[1]}").TextOf(path[2]).Should().Contain($"{{\"i\":{parts[1]},");
        }
    }
}
