using System.CommandLine;
using VfioPm.Server;

namespace VfioPm.Cli;

/// <summary><c>vfio-pm serve</c>: a vfio-user server that a real VMM attaches to.</summary>
internal static class ServeCommand
{
    private const string Silicon = "silicon";
    private const string User = "user";
    private const string PowerCut = "power-cut";
    private const string NoPowerCut = "no-power-cut";

    public static Command Create()
    {
        Option<string> socket = new("--socket")
        {
            Description = "The Unix socket to make, for its owner alone.",
            HelpName = "PATH",
            Required = true,
        };
        Option<string?> control = new("--control")
        {
            Description = "A Unix socket that takes lines of the scenario language, as the host's administrator.",
            HelpName = "PATH",
        };
        Option<string> profile = Choice(
            "--profile", "The kernel of the simulated host.", [.. KernelProfile.All.Select(known => known.Name)], KernelProfile.RfcV1.Name);
        Option<string> seen = Choice(
            "--as", "What the client sees: a device by way of vfio-pci, or the bare function.", [User, Silicon], User);
        Option<string?> device = new("--device")
        {
            Description = "Text of lspci -xxxx whose first function is served; an Intel 82574L (e1000e) unless told.",
            HelpName = "IMAGE",
        };
        Option<string> platform = Choice(
            "--platform", "Whether firmware can cut the power of the port above.", [PowerCut, NoPowerCut], PowerCut);
        Option<string[]> behavior = new("--behavior")
        {
            Description = "How the function misbehaves: IgnoresD3Hot, SilenceAfterD3Hot=500 (ms), SilenceAfterPowerOn=forever, …",
            HelpName = "NAME[=VALUE]",
        };
        Option<string?> emit = new("--emit")
        {
            Description = "Write what the client and the administrator do into this file, as a recording.",
            HelpName = "FILE",
        };
        Option<double> speed = new("--speed")
        {
            Description = "Seconds on the simulated host for each on the wall.",
            HelpName = "N",
            DefaultValueFactory = static _ => 1,
        };
        Option<bool> once = new("--once") { Description = "End with the first client." };
        Command command = new("serve", "Serve a simulated function to a VMM, by vfio-user.")
        {
            socket, control, profile, seen, device, platform, behavior, emit, speed, once,
        };
        command.SetAction(async (parsed, stop) =>
        {
            string? dump = parsed.GetValue(device);
            VfioUserOptions options = new()
            {
                SocketPath = parsed.GetRequiredValue(socket),
                ControlPath = parsed.GetValue(control),
                Wall = ServeRun.Wall,
                Profile = KernelProfile.Parse(parsed.GetRequiredValue(profile)),
                As = parsed.GetRequiredValue(seen) == Silicon ? ServedAs.Silicon : ServedAs.User,
                Device = dump is null ? DeviceImages.E1000E : DumpFile.Load(dump)[0].Image,
                Behavior = BehaviorOf(parsed.GetValue(behavior) ?? []),
                CutsPower = parsed.GetRequiredValue(platform) == PowerCut,
                Speed = parsed.GetValue(speed),
                Once = parsed.GetValue(once),
            };
            await using StreamWriter? recording = RecordingAt(parsed.GetValue(emit), dump);
            return await ServeRun.Serve(options with { Recording = recording }, parsed.InvocationConfiguration.Output, stop);
        });
        return command;
    }

    private static HardwareBehavior BehaviorOf(string[] deviations)
    {
        try
        {
            return BehaviorNames.Parse(deviations);
        }
        catch (FormatException problem)
        {
            throw new BadInputException($"--behavior {problem.Message}");
        }
    }

    private static StreamWriter? RecordingAt(string? path, string? dump) => path is null ? null
        : new StreamWriter(new OutputFiles(dump is null ? [] : [dump]).Create(Path.GetDirectoryName(path) ?? "", Path.GetFileName(path)));

    private static Option<string> Choice(string name, string description, string[] choices, string usual)
    {
        Option<string> option = new(name)
        {
            Description = description,
            HelpName = string.Join('|', choices),
            DefaultValueFactory = _ => usual,
        };
        return option.AcceptOnlyFromAmong(choices);
    }
}
