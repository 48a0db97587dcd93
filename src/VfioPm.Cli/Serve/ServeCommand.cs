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
        Option<double> speed = new("--speed")
        {
            Description = "Seconds on the simulated host for each on the wall.",
            HelpName = "N",
            DefaultValueFactory = static _ => 1,
        };
        Option<bool> once = new("--once") { Description = "End with the first client." };
        Command command = new("serve", "Serve a simulated function to a VMM, by vfio-user.")
        {
            socket, control, profile, seen, device, platform, behavior, speed, once,
        };
        command.SetAction((parsed, stop) => ServeRun.Serve(
            new VfioUserOptions
            {
                SocketPath = parsed.GetRequiredValue(socket),
                ControlPath = parsed.GetValue(control),
                Wall = ServeRun.Wall,
                Profile = KernelProfile.Parse(parsed.GetRequiredValue(profile)),
                As = parsed.GetRequiredValue(seen) == Silicon ? ServedAs.Silicon : ServedAs.User,
                Device = parsed.GetValue(device) is { } dump ? DumpFile.Load(dump)[0].Image : DeviceImages.E1000E,
                Behavior = BehaviorNames.Parse(parsed.GetValue(behavior) ?? []),
                CutsPower = parsed.GetRequiredValue(platform) == PowerCut,
                Speed = parsed.GetValue(speed),
                Once = parsed.GetValue(once),
            },
            parsed.InvocationConfiguration.Output,
            stop));
        return command;
    }

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
