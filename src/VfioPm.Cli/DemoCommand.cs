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
        Option<string?> file = PictureFile.CreateOption("Draw the story into this file, too");
        var command = new Command("demo", "Run the model: the RFC's table, and the story of a guest that sleeps and wakes.")
        {
            json,
            file,
        };
        command.SetAction(parsed =>
        {
            TextWriter output = Ink.Of(parsed.InvocationConfiguration.Output);
            var picture = PictureFile.Named(parsed.GetValue(file));
            bool isJson = parsed.GetValue(json);
            WriteTables(output, isJson);
            using var story = new GuestStory(isJson ? TextWriter.Null : output);
            story.Tell();
            picture?.Write(story.Draw());
        });
        return command;
    }

    private static void WriteTables(TextWriter output, bool isJson)
    {
        var table = PowerTable.Measure();
        if (isJson)
        {
            output.WriteLine(table.ToJson());
            return;
        }

        output.WriteLine("The table of \"[RFC 0/3] vfio/pci: Enable runtime power management support\" (November 2021),");
        output.WriteLine("computed by running the model: an unused function, bound to vfio-pci, and the bridge above it.");
        output.WriteLine();
        output.Write(table.ToText());
        output.WriteLine();
        EnergyTable.Measure().WriteTo(output);
        output.WriteLine();
    }
}
