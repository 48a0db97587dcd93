using System.CommandLine;

namespace VfioPm.Cli;

/// <summary><c>vfio-pm show DUMP</c>: what the registers of a dump say about power, function by function.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        Argument<string> dump = DumpFile.CreateArgument();
        var command = new Command("show", "Say what the registers of each function in a dump mean for its power.")
        {
            dump,
        };
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            string separator = "";
            foreach (PciFunction function in DumpFile.Load(parsed.GetRequiredValue(dump)))
            {
                output.Write(separator);
                new FunctionReport(function, output).Write();
                separator = Environment.NewLine;
            }
        });
        return command;
    }
}
