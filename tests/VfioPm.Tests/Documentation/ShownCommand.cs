using VfioPm.Cli;
using Xunit.Sdk;

namespace VfioPm.Tests;

/// <summary>A command of the tool in a page, behind a prompt, and below it what it prints.</summary>
internal static class ShownCommand
{
    private const string Prompt = "$ vfio-pm ";

    /// <summary>Throws, with the page and the line, unless the tool prints what the page shows.</summary>
    public static void Run(MarkdownPage page, MarkdownBlock block)
    {
        string[] lines = block.Text.Split('\n', count: 2);
        using StringWriter output = new();
        Program.Run(lines[0].Replace(Prompt, "", StringComparison.Ordinal).Split(' '), output, output);
        if (!PageText.Shows(lines[^1], output.ToString()))
        {
            throw new XunitException($"{page.Name}:{block.Line}: the tool prints\n\n{output}");
        }
    }
}
