using System.CommandLine;

namespace VfioPm.Cli;

/// <summary>The <c>vfio-pm</c> tool.</summary>
internal static class Program
{
    /// <summary>What the tool exits with when what it was given cannot be used.</summary>
    private const int BadInput = 2;

    private static int Main(string[] args) => Run(args, Console.Out, Console.Error);

    /// <summary>Runs one command line.</summary>
    internal static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Simulates what Linux's vfio-pci does to a device's power.")
        {
            DemoCommand.Create(),
            ShowCommand.Create(),
            ExportCommand.Create(),
            RunCommand.Create(),
            ReplayCommand.Create(),
            TimelineCommand.Create(),
            ExploreCommand.Create(),
        };

        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (string message in parsed.Errors.Select(problem => problem.Message))
            {
                error.WriteLine($"vfio-pm: {message}");
            }

            return BadInput;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
            });
        }
        catch (BadInputException problem)
        {
            error.WriteLine($"vfio-pm: {problem.Message}");
            return BadInput;
        }
    }
}
