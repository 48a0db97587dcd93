namespace VfioPm.Tests;

/// <summary>
/// What the rules find in the curated recordings of a kernel is a fault of that kernel, or of who used it, and none of a rule: a finding
/// that cannot be argued is none.
/// </summary>
public sealed class RecordingsUnderRulesTests
{
    public static TheoryData<string> Profiles => [.. KernelProfile.All.Select(static profile => profile.Name)];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void What_breaks_in_a_recording_is_a_flaw_that_is_known(string profile)
    {
        var kernel = KernelProfile.Parse(profile);
        RecordedFlaw[] known = [.. RecordedFlaws.All.Where(flaw => flaw.Profiles.Contains(kernel))];
        HashSet<RecordedFlaw> shown = [];
        List<string> unexplained = [];
        foreach ((string name, Recording recording) in VfioRecordings.Of(profile).SelectMany(Curated))
        {
            foreach (RecordedBreach breach in WatchedRecording.Play(recording))
            {
                RecordedFlaw[] explaining = [.. known.Where(flaw => flaw.Rule == breach.Rule && flaw.Explains(breach))];
                shown.UnionWith(explaining);
                if (explaining.Length == 0)
                {
                    unexplained.Add($"{name}: {breach.Rule}: {breach.How}");
                }
            }
        }

        unexplained.Should().BeEmpty();
        known.Except(shown).Select(static flaw => $"{flaw.Rule}: {flaw.Why}").Should().BeEmpty("each is in a recording");
    }

    /// <summary>Those that somebody wrote, and not a generator.</summary>
    private static IEnumerable<(string Name, Recording Recording)> Curated(RecordingArchive archive) => archive.Recordings
        .Where(static entry => entry.Recording.Header["seed"] is null)
        .Select(entry => ($"{archive.Name}/{entry.Name}", entry.Recording));
}
