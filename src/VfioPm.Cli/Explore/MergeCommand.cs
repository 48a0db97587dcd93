using System.CommandLine;

namespace VfioPm.Cli;

/// <summary><c>vfio-pm explore merge FILE…</c>: the reports of all shards as that of the whole.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        Argument<string[]> files = new("FILE")
        {
            Description = "What each \"vfio-pm explore --shard i/n\" printed.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("merge", "Put the reports of all shards together; 0 means that every rule held.") { files };
        command.SetAction(parsed =>
        {
            ExplorationReport whole = Merge(parsed.GetRequiredValue(files));
            parsed.InvocationConfiguration.Output.WriteLine(whole.ToJson());
            return whole.Findings.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static ExplorationReport Merge(string[] files)
    {
        List<ExplorationReport> reports = [];
        foreach (string file in files)
        {
            try
            {
                reports.Add(ExplorationReport.Parse(InputFiles.ReadText(file)));
            }
            catch (Exception problem) when (problem is FormatException or InvalidDataException)
            {
                throw new BadInputException($"{file}: {problem.Message}");
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new BadInputException(problem);
            }
        }

        try
        {
            return ExplorationReport.Merge(reports);
        }
        catch (ArgumentException problem)
        {
            throw new BadInputException($"{string.Join(", ", files)}: {problem.Message}");
        }
    }
}
