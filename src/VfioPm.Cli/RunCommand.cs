using System.CommandLine;

namespace VfioPm.Cli;

/// <summary><c>vfio-pm run</c>: plays scenarios on the model, on one kernel or on several beside each other.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Argument<string[]> scenarios = new("SCENARIO")
        {
            Description = "A scenario (.sc), a recording whose operations are done again, or a folder of them.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string[]> profiles = new("--profile")
        {
            Description = $"The kernel, one of {string.Join(", ", KernelProfile.All)}; with several, what they do otherwise.",
            HelpName = "PROFILE",
        };
        Option<string?> topology = new("--topology")
        {
            Description = $"The machine: one of {string.Join(", ", ScenarioTopology.Names)}, or that of a recording.",
            HelpName = "TOPOLOGY",
        };
        Option<string?> emit = new("--emit")
        {
            Description = "Write recordings below this folder: PROFILE/TOPOLOGY/NAME.jsonl.",
            HelpName = "DIR",
        };
        Option<string?> picture = PictureFile.CreateOption("Draw what happens, in one scenario on one kernel, into this file");
        Command command = new("run", "Play scenarios on the model: what each operation gives, and what happens to power.")
        {
            scenarios,
            profiles,
            topology,
            emit,
            picture,
        };
        command.SetAction(parsed =>
        {
            ScenarioSession session = new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error)
            {
                Profiles = ProfilesNamed(parsed.GetValue(profiles) ?? []),
                Topology = TopologyNamed(parsed.GetValue(topology)),
                EmitFolder = parsed.GetValue(emit),
                Picture = PictureFile.Named(parsed.GetValue(picture)),
            };
            return session.Run(parsed.GetRequiredValue(scenarios));
        });
        return command;
    }

    private static KernelProfile[] ProfilesNamed(string[] names)
    {
        try
        {
            return names.Length == 0 ? [KernelProfile.RfcV1] : [.. names.Distinct().Select(KernelProfile.Parse)];
        }
        catch (ArgumentException problem)
        {
            throw new BadInputException(problem);
        }
    }

    private static ScenarioTopology? TopologyNamed(string? name)
    {
        try
        {
            return name is null ? null
                : File.Exists(name) ? ScenarioTopology.Of(RecordingFile.Find(name).Single().Read().First())
                : ScenarioTopology.Named(name);
        }
        catch (Exception problem) when (problem is ArgumentException or RecordingException)
        {
            throw new BadInputException(problem);
        }
    }
}
