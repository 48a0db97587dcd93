using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>The hops of the walks in docs/architecture.md are functions of the files that it names.</summary>
public sealed partial class WalkTests
{
    [Fact]
    public void Each_hop_is_in_the_file_that_the_document_gives()
    {
        List<Match> hops = Hop().Matches(SourceFiles.Read("docs/architecture.md")).ToList();

        hops.Should().HaveCountGreaterThan(50);
        hops.Where(hop => !IsThere($"src/VfioPm/{hop.Groups["file"].Value}", hop.Groups["function"].Value))
            .Select(hop => hop.Value)
            .Should().BeEmpty();
    }

    private static bool IsThere(string file, string function) => File.Exists(Path.Combine(SourceFiles.Root, file))
        && Regex.IsMatch(
            SourceFiles.Read(file),
            $@"^ +(public|internal|protected|private|static).* {function}(<\w+>)?\(",
            RegexOptions.Multiline);

    [GeneratedRegex(@"^\| `(?<file>[\w./]+\.cs)` \| `(?<function>\w+)` \|.*$", RegexOptions.Multiline)]
    private static partial Regex Hop();
}
