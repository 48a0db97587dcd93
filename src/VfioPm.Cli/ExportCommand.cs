using System.CommandLine;

namespace VfioPm.Cli;

/// <summary><c>vfio-pm export DUMP</c>: the functions of a dump as the model holds them, for <c>lspci -F</c>.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        Argument<string> dump = DumpFile.CreateArgument();
        var command = new Command("export", "Write the functions of a dump, as the model holds them, for lspci -F.")
        {
            dump,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<PciFunction> functions = DumpFile.Load(parsed.GetRequiredValue(dump));
            DeviceImage[] images = [.. functions.Select(function => function.Capture())];
            parsed.InvocationConfiguration.Output.Write(DeviceImage.FormatLspci(images));
        });
        return command;
    }
}
