using System.CommandLine;

namespace VfioPm.Cli;

/// <summary><c>vfio-pm explore</c>: looks at all orders in which a machine's users can meet, and tells which rules break.</summary>
internal static class ExploreCommand
{
    public static Command Create()
    {
        var options = new ExploreOptions();
        var command = new Command("explore", "Look at every order in which a machine's users can meet; 0 means that every rule held.")
        {
            MergeCommand.Create(),
        };
        foreach (System.CommandLine.Option option in options.All)
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            return new ExploreRun(options.Read(parsed), parsed.InvocationConfiguration.Output, error).Run();
        });
        return command;
    }
}
