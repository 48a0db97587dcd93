namespace VfioPm.Tests;

public sealed class ConfigurationRecordingTests
{
    [Theory]
    [InlineData("linux-5.10", "a")]
    [InlineData("linux-6.1", "a")]
    [InlineData("linux-6.1", "a-d3hot-port")]
    [InlineData("linux-6.1", "c")]
    [InlineData("linux-6.1", "d")]
    [InlineData("linux-6.1", "h")]
    [InlineData("linux-6.12", "a")]
    [InlineData("linux-7.3", "a")]
    [InlineData("pre-rfc", "a")]
    [InlineData("pre-rfc", "a-d3hot-port")]
    [InlineData("pre-rfc", "d")]
    [InlineData("rfc-v1", "a")]
    [InlineData("rfc-v1", "a-d3hot-port")]
    [InlineData("rfc-v1", "d")]
    [InlineData("rfc-v1", "b")]
    [InlineData("rfc-v1", "b-dark")]
    [InlineData("rfc-v1", "f")]
    [InlineData("rfc-v1", "f-dark")]
    [InlineData("linux-6.1", "b")]
    [InlineData("linux-6.1", "f")]
    [InlineData("linux-6.1", "g")]
    [InlineData("linux-5.10", "b")]
    [InlineData("linux-6.12", "b")]
    [InlineData("linux-7.3", "b")]
    [InlineData("pre-rfc", "b")]
    [InlineData("pre-rfc", "b-dark")]
    [InlineData("pre-rfc", "f-dark")]
    public void Configuration_accesses_come_out_as_recorded(string profile, string topology)
    {
        RecordingPlayer[] players =
        [
            // One after the other: what several do at once has its place in the replay.
            .. new RecordingArchive($"{profile}/{topology}").Texts
                .Where(static text => !text.Contains("\"op\":\"par\"", StringComparison.Ordinal))
                .Select(text => PlayerOf(ConfigurationRecording.Of(text), profile)),
        ];

        string differences = string.Join(Environment.NewLine, players.SelectMany(player => player.Play()));

        differences.Should().BeEmpty();
        players.Sum(player => player.Compared).Should().BePositive();
    }

    private static RecordingPlayer PlayerOf(ConfigurationRecording recording, string profile) =>
        new(recording, new RecordedDevice(recording.Image, RulesOf(profile)), isRuntimeManaged: profile == "rfc-v1");

    private static ConfigurationRules RulesOf(string profile) => profile switch
    {
        "linux-5.10" or "pre-rfc" => ConfigurationRules.BeforeRfc,
        "rfc-v1" => ConfigurationRules.RfcV1,
        "linux-6.1" => ConfigurationRules.Linux6_1,
        _ => ConfigurationRules.Linux6_12,
    };
}
