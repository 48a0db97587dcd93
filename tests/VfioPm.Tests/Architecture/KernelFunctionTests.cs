using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>What docs/for-kernel-people.md says is where, is there.</summary>
public sealed partial class KernelFunctionTests
{
    [Fact]
    public void Each_kernel_function_is_named_in_the_file_that_the_document_gives()
    {
        string layer = "";
        List<string> missing = [];
        foreach (string line in SourceFiles.Read("docs/for-kernel-people.md").Split('\n'))
        {
            layer = Layer().Match(line) is { Success: true } heading ? heading.Groups[1].Value : layer;
            if (Row().Match(line) is { Success: true } row)
            {
                string file = $"src/VfioPm/{layer}/{row.Groups[1].Value}";
                string source = File.Exists(Path.Combine(SourceFiles.Root, file)) ? SourceFiles.Read(file) : "";
                missing.AddRange(Function().Matches(row.Groups[2].Value)
                    .Select(function => function.Value)
                    .Where(function => !source.Contains(function, StringComparison.Ordinal))
                    .Select(function => $"{function} in {file}"));
            }
        }

        layer.Should().Be("Guest", "it is the last layer that the document tells of");
        missing.Should().BeEmpty();
    }

    [GeneratedRegex(@"^## .*`(\w+)`$")]
    private static partial Regex Layer();

    [GeneratedRegex(@"^\| `([\w./]+\.cs)` \| (.*) \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"\w+\(\)")]
    private static partial Regex Function();
}
