using System.Reflection;
using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>docs/errno.md says what tests show.</summary>
public sealed partial class ErrnoTableTests
{
    private const string Document = "docs/errno.md";

    [Fact]
    public void Each_row_names_a_test_that_exists()
    {
        string[] tests =
        [
            .. Assembly.GetExecutingAssembly().GetTypes().SelectMany(type => type.GetMethods()
                .Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
                .Select(method => $"{type.Name}.{method.Name}")),
        ];

        Rows().Select(row => row.Groups["test"].Value).Should().NotBeEmpty().And.BeSubsetOf(tests);
    }

    [Fact]
    public void Each_row_names_an_error_or_says_that_there_is_none() =>
        Rows().Select(row => row.Groups["errno"].Value).Should().OnlyContain(errno =>
            errno == "none" || errno == "SIGBUS" || Enum.IsDefined(typeof(Errno), errno.Trim('`')));

    [Fact]
    public void No_row_is_malformed() => SourceFiles.Read(Document).Split('\n')
        .Count(line => line.StartsWith('|')).Should().Be(Rows().Count + 2, "a head and its rule come before the rows");

    private static MatchCollection Rows() => Row().Matches(SourceFiles.Read(Document));

    [GeneratedRegex(
        @"^\| (?!call |---)[^|]+ \| (?<errno>[^|]+) \| [^|]+ \| [^|]+ \| `(?<test>\w+\.\w+)` \|$",
        RegexOptions.Multiline)]
    private static partial Regex Row();
}
