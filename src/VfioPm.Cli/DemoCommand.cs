using System.CommandLine;

namespace VfioPm.Cli;

/// <summary>
/// <c>vfio-pm demo</c>: the table of the RFC's first patch, made by running the model, and one sleep of a guest
/// told step by step.
/// </summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        Option<bool> json = new("--json")
        {
            Description = "Print the table alone, as JSON.",
        };
        var command = new Command("demo", "Run the model: the RFC's table, and the story of a guest that sleeps and wakes.")
        {
            json,
        };
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            var table = PowerTable.Measure();
            if (parsed.GetValue(json))
            {
                output.WriteLine(table.ToJson());
                return;
            }

            output.WriteLine("An unused function and the bridge above it, bound to vfio-pci:");
            output.WriteLine();
            output.Write(table.ToText());
            output.WriteLine();
            EnergyTable.Measure().WriteTo(output);
            output.WriteLine();
            using var story = new GuestStory(output);
            story.Tell();
        });
        return command;
    }
}
