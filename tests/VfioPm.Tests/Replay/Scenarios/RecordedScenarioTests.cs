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
    [InlineData("linux-5.10", "d")]
    [InlineData("linux-5.10", "f")]
    [InlineData("linux-5.10", "h")]
    [InlineData("linux-6.1", "a-d3hot-port")]
    [InlineData("linux-6.1", "a")]
    [InlineData("linux-6.1", "b-hp")]
    [InlineData("linux-6.1", "b-nos0w")]
    [InlineData("linux-6.1", "b-s0w3")]
    [InlineData("linux-6.1", "b-unset")]
    [InlineData("linux-6.1", "b")]
    [InlineData("linux-6.1", "c")]
    [InlineData("linux-6.1", "d")]
    [InlineData("linux-6.1", "e-cold")]
    [InlineData("linux-6.1", "e-flr")]
    [InlineData("linux-6.1", "e-nopm")]
    [InlineData("linux-6.1", "e")]
    [InlineData("linux-6.1", "f")]
    [InlineData("linux-6.1", "g")]
    [InlineData("linux-6.1", "h")]
    [InlineData("linux-6.1", "hp")]
    [InlineData("linux-6.1", "i")]
    [InlineData("linux-6.1", "i-hp")]
    [InlineData("linux-6.1", "k")]
    [InlineData("linux-6.1", "pcibr")]
    [InlineData("linux-6.1", "sw-cold")]
    [InlineData("linux-6.1", "sw")]
    [InlineData("linux-6.1", "x-ahci")]
    [InlineData("linux-6.1", "x-hda")]
    [InlineData("linux-6.1", "x-megasas")]
    [InlineData("linux-6.1", "x-rtl8139")]
    [InlineData("linux-6.1", "x-tulip")]
    [InlineData("linux-6.1", "x-vmxnet3")]
    [InlineData("linux-6.1", "x-xhci")]
    [InlineData("linux-6.1", "y-d1-d2-pme")]
    [InlineData("linux-6.1", "y-gated")]
    [InlineData("linux-6.1", "y-soft-reset")]
    [InlineData("linux-6.12", "a-d3hot-port")]
    [InlineData("linux-6.12", "a")]
    [InlineData("linux-6.12", "b")]
    [InlineData("linux-6.12", "c")]
    [InlineData("linux-6.12", "d")]
    [InlineData("linux-6.12", "e")]
    [InlineData("linux-6.12", "f")]
    [InlineData("linux-6.12", "g")]
    [InlineData("linux-6.12", "h")]
    [InlineData("linux-6.12", "pcibr")]
    [InlineData("linux-6.12", "sw-cold")]
    [InlineData("linux-7.3", "a-d3hot-port")]
    [InlineData("linux-7.3", "a")]
    [InlineData("linux-7.3", "b")]
    [InlineData("linux-7.3", "c")]
    [InlineData("linux-7.3", "d")]
    [InlineData("linux-7.3", "f")]
    [InlineData("linux-7.3", "g")]
    [InlineData("linux-7.3", "h")]
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
