using System.Globalization;
using System.Text.RegularExpressions;
using VfioPm.Cli;

namespace VfioPm.Tests;

/// <summary>What docs/runtime-pm-branches.md says takes a branch exists, and returned what it says.</summary>
public sealed partial class BranchListTests
{
    private static readonly Lazy<Dictionary<string, Recording>> Recordings =
        new(() => RpmRecordings.Of("linux-6.1").ToDictionary(entry => entry.Name, entry => entry.Recording));

    private static readonly Lazy<string> Tests =
        new(() => string.Concat(SourceFiles.In("tests").Select(File.ReadAllText)));

    [Fact]
    public void Each_branch_is_taken_by_a_recording_or_a_test_that_exists()
    {
        List<string> missing = [];
        foreach (Match row in Row().Matches(SourceFiles.Read("docs/runtime-pm-branches.md")))
        {
            string taker = row.Groups["taker"].Value;
            bool exists = Recordings.Value.TryGetValue(taker, out Recording? recording)
                ? row.Groups["call"].Value.Length == 0 || Returns(recording, row)
                : Tests.Value.Contains($" {taker}(", StringComparison.Ordinal);
            if (!exists)
            {
                missing.Add(row.Value);
            }
        }

        missing.Should().BeEmpty();
    }

    [Fact]
    public void Every_row_is_looked_at()
    {
        string list = SourceFiles.Read("docs/runtime-pm-branches.md");
        int headings = list.Split("| branch |").Length - 1;

        Row().Count(list).Should().Be(list.Split('\n').Count(line => line.StartsWith('|')) - (2 * headings));
    }

    private static bool Returns(Recording recording, Match row)
    {
        int result = int.Parse(row.Groups["result"].Value, CultureInfo.InvariantCulture);
        return recording.Events.Any(recorded =>
            (string?)recorded["call"] == row.Groups["call"].Value && (int?)recorded["ret"] == result);
    }

    [GeneratedRegex(@"^\| [^|]+ \| (`(?<call>\w+) (?<result>-?\d+)` )?\| `(?<taker>\w+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
