using System.CommandLine;
using System.CommandLine.Help;

namespace VfioPm.Cli;

/// <summary>The <c>vfio-pm</c> tool.</summary>
internal static class Program
{
    /// <summary>What the tool exits with when what it was given cannot be used, or what it says cannot be written.</summary>
    private const int BadInput = 2;

    private static int Main(string[] args)
    {
        StandardOutput.UseIfPipe();
        return Run(args, Console.Out, Console.Error);
    }

    /// <summary>Runs one command line.</summary>
    internal static int Run(string[] args, TextWriter output, TextWriter error)
    {
        // No RootCommand, which takes the name of the assembly.
        var root = new Command("vfio-pm", "Simulates what Linux's vfio-pci does to a device's power.")
        {
            new HelpOption(),
            new VersionOption(),
            DemoCommand.Create(),
            ShowCommand.Create(),
            ExportCommand.Create(),
            RunCommand.Create(),
            ReplayCommand.Create(),
            ServeCommand.Create(),
            TimelineCommand.Create(),
            ExploreCommand.Create(),
        };

        ParseResult parsed = root.Parse(args.Length > 0 ? args : ["--help"]);
        if (parsed.Errors.Count > 0)
        {
            return Refuse(
                parsed.UnmatchedTokens is [var unknown, ..] && root.Subcommands.All(command => command.Name != args[0])
                    ? $"there is no \"{unknown}\"; there are {string.Join(", ", root.Subcommands.Select(command => command.Name))}, and --help"
                    : string.Join(' ', parsed.Errors.Select(problem => problem.Message)),
                error);
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,

                // Whoever has something to tidy up listens for signals himself.
                ProcessTerminationTimeout = null,
            });
        }
        catch (ReaderGoneException)
        {
            return BadInput;
        }
        catch (Exception problem) when (problem is BadInputException or IOException or UnauthorizedAccessException)
        {
            // The latter two are a full disk, and a standard output that is closed.
            return Refuse(problem.Message, error);
        }
    }

    private static int Refuse(string message, TextWriter error)
    {
        try
        {
            error.WriteLine($"vfio-pm: {ErrorText.Of(message)}");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // There is nobody left to tell it to.
        }

        return BadInput;
    }
}
