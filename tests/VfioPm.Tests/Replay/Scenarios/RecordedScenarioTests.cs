namespace VfioPm.Tests;

// One class a profile: classes run beside each other, the cases of one class do not.

public sealed class PreRfcScenarioTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("a-d3hot-port")]
    [InlineData("b")]
    [InlineData("b-dark")]
    [InlineData("d")]
    [InlineData("f")]
    [InlineData("f-dark")]
    public void A_scenario_gives_what_the_kernel_gave(string topology) =>
        RecordedScenarios.ShouldGiveWhatWasRecorded("pre-rfc", topology);
}

public sealed class RfcV1ScenarioTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("a-d3hot-port")]
    [InlineData("b")]
    [InlineData("b-dark")]
    [InlineData("d")]
    [InlineData("f")]
    [InlineData("f-dark")]
    public void A_scenario_gives_what_the_kernel_gave(string topology) =>
        RecordedScenarios.ShouldGiveWhatWasRecorded("rfc-v1", topology);
}

public sealed class LinuxScenarioTests
{
    [Theory]
    [InlineData("linux-5.10", "a")]
    [InlineData("linux-5.10", "b")]
    [InlineData("linux-6.1", "a")]
    [InlineData("linux-6.1", "a-d3hot-port")]
    [InlineData("linux-6.1", "b")]
    [InlineData("linux-6.1", "c")]
    [InlineData("linux-6.1", "d")]
    [InlineData("linux-6.1", "f")]
    [InlineData("linux-6.1", "g")]
    [InlineData("linux-6.1", "h")]
    [InlineData("linux-6.1", "i")]
    [InlineData("linux-6.12", "a")]
    [InlineData("linux-6.12", "b")]
    [InlineData("linux-7.3", "a")]
    [InlineData("linux-7.3", "b")]
    public void A_scenario_gives_what_the_kernel_gave(string profile, string topology) =>
        RecordedScenarios.ShouldGiveWhatWasRecorded(profile, topology);
}

public sealed class KnownScenarioDifferenceTests
{
    [Fact]
    public void Each_listed_difference_has_its_cause_above_it() => RecordedScenarios.Unexplained().Should().BeEmpty();

    [Fact]
    public void No_difference_is_listed_twice() => RecordedScenarios.Listed().Should().OnlyHaveUniqueItems();
}
