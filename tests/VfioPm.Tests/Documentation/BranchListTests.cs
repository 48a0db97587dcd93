using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>What docs/runtime-pm-branches.md says takes a branch exists, and shows what it says.</summary>
public sealed partial class BranchListTests
{
    private static readonly Lazy<Dictionary<string, Recording>> Recordings =
        new(() => RpmRecordings.Of("linux-6.1").ToDictionary(entry => entry.Name, entry => entry.Recording));

    private static readonly Lazy<string> Tests =
        new(() => string.Concat(SourceFiles.In("tests").Select(File.ReadAllText)));

    [Fact]
    public void Each_branch_is_taken_by_a_recording_that_shows_it_or_a_test_that_exists()
    {
        List<string> missing = [];
        foreach (Match row in Row().Matches(SourceFiles.Read("docs/runtime-pm-branches.md")))
        {
            string taker = row.Groups["taker"].Value;
            string seen = row.Groups["seen"].Value;
            bool exists = Recordings.Value.TryGetValue(taker, out Recording? recording)
                ? Shows(recording, seen)
                : seen.Length == 0 && Tests.Value.Contains($" {taker}(", StringComparison.Ordinal);
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

    [Theory]
    [InlineData("suspend 0", true)]
    [InlineData("suspend -16", false)]
    [InlineData("resume 0", false)]
    [InlineData("suspend: g.suspend=0", true)]
    [InlineData("suspend 0: g.suspend=0 c1.request=idle", true)]
    [InlineData("suspend -16: g.suspend=0 c1.request=idle", false)]
    [InlineData("suspend: g.suspend=-16", false)]
    [InlineData("suspend: g.idle=0 g.suspend=0", false)]
    [InlineData("suspend: c1.request=idle", false)]
    [InlineData("suspend: g.suspend=0 c1.request=none", false)]
    [InlineData("suspend: g.suspend=0 c1.request_pending=true p.status=active", true)]
    [InlineData("suspend: g.suspend=0 nobody.request=idle", false)]
    [InlineData("", false)]
    public void What_a_recording_does_not_show_is_noticed(string seen, bool isShown) =>
        Shows(Recordings.Value["suspend_notifies_parent"], seen).Should().Be(isShown);

    /// <summary>
    /// Whether an event of the recording is the call, returned the result, ran these callbacks and no others, and left
    /// this state: "call result: callbacks state", where the result, or all behind the call, may be missing.
    /// </summary>
    private static bool Shows(Recording recording, string seen)
    {
        Match asked = Seen().Match(seen);
        string[] all = asked.Groups["what"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] callbacks = [.. all.Where(static what => Callback().IsMatch(what))];
        string[] states = [.. all.Except(callbacks)];
        Dictionary<string, JsonNode?> devices = [];
        return recording.Events.Any(recorded =>
        {
            // Of the state an event has the devices that it changed.
            foreach ((string device, JsonNode? fields) in (JsonObject)recorded["state"]!)
            {
                devices[device] = fields;
            }

            return asked.Success
                && (string?)recorded["call"] == asked.Groups["call"].Value
                && (!asked.Groups["result"].Success || $"{recorded["ret"]}" == asked.Groups["result"].Value)
                && (all.Length == 0 || callbacks.SequenceEqual(((JsonArray)recorded["cb"]!).Select(static cb => $"{cb}")))
                && states.All(state => IsState(devices, state));
        });
    }

    private static bool IsState(Dictionary<string, JsonNode?> devices, string state)
    {
        string[] parts = state.Split('.', '=');
        return devices.TryGetValue(parts[0], out JsonNode? fields) && $"{fields![parts[1]]}" == parts[2];
    }

    [GeneratedRegex(@"^\| [^|]+ \| (`(?<seen>[^`]+)` )?\| `(?<taker>\w+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^(?<call>\w+)( (?<result>-?\d+))?(: (?<what>.+))?$")]
    private static partial Regex Seen();

    [GeneratedRegex(@"^\w+\.(suspend|resume|idle)[=:>]")]
    private static partial Regex Callback();
}
