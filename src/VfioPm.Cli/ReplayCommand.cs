using System.CommandLine;

namespace VfioPm.Cli;

/// <summary><c>vfio-pm replay</c>: plays recordings of real kernels on the model and says where it differs.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        Argument<string[]> paths = new("PATH")
        {
            Description = "A recording (.jsonl, .jsonl.gz), an archive of them (.jsonl.br), or a folder.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<bool> rules = new("--rules")
        {
            Description = "Have the rules of explorations watch, and say which are broken, and in which event.",
        };
        Option<string?> emit = new("--emit")
        {
            Description = "Write what the model did, in the recording's own format, below this folder.",
            HelpName = "DIR",
        };
        Command command = new("replay", "Play recordings of real kernels on the model; 0 means that nothing differs, and no rule is broken.")
        {
            paths,
            rules,
            emit,
        };
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            TextWriter error = parsed.InvocationConfiguration.Error;
            return new ReplayRun(output, error, parsed.GetValue(rules), parsed.GetValue(emit)).Run(parsed.GetRequiredValue(paths));
        });
        return command;
    }
}
