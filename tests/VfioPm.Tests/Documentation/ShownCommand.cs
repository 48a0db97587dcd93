using VfioPm.Cli;
using Xunit.Sdk;

namespace VfioPm.Tests;

/// <summary>A command of the tool in a page, behind a prompt, and below it what it prints.</summary>
internal static class ShownCommand
{
    /// <summary>The fence of a scenario; commands below name it as a file: "low-power.sc".</summary>
    public const string Scenario = "scenario";

    private const string Prompt = "$ vfio-pm ";

    /// <summary>Throws, with the page and the line, unless the tool prints what the page shows.</summary>
    public static void Run(MarkdownPage page, MarkdownBlock block)
    {
        string[] lines = block.Text.Split('\n', count: 2);
        using StringWriter output = new();
        string folder = Directory.CreateTempSubdirectory("vfio-pm-page-").FullName;
        try
        {
            string[] arguments = lines[0].Replace(Prompt, "", StringComparison.Ordinal).Split(' ');
            Program.Run([.. arguments.Select(argument => FileOf(page, argument, folder))], output, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        if (!PageText.Shows(lines[^1], output.ToString()))
        {
            throw new XunitException($"{page.Name}:{block.Line}: the tool prints\n\n{output}");
        }
    }

    /// <summary>The file of a scenario that the page has; other arguments are as they are.</summary>
    private static string FileOf(MarkdownPage page, string argument, string folder)
    {
        string name = $"# name: {Path.GetFileNameWithoutExtension(argument)}";
        MarkdownBlock? scenario = page.Blocks.FirstOrDefault(block =>
            block.Info == Scenario && block.Text.Split('\n').Contains(name));
        if (scenario is null || Path.GetExtension(argument) != ".sc")
        {
            return argument;
        }

        string file = Path.Combine(folder, argument);
        File.WriteAllText(file, scenario.Text);
        return file;
    }
}
