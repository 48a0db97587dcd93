using System.Text.Json.Nodes;

namespace VfioPm.Server;

/// <summary>The host of a server: a function below a root port, and what clients get of it.</summary>
internal sealed class ServedMachine : IDisposable
{
    /// <summary>What the root port is called.</summary>
    public const string PortName = "rp";

    /// <summary>What the function is called.</summary>
    public const string FunctionName = "ep";

    private const string PortAddress = "0000:00:03.0";
    private const string FunctionAddress = "0000:01:00.0";

    // A server may run for weeks: a megabyte or two.
    private const int TraceLimit = 10_000;

    // As long as a machine of a recording has been up when the recording begins.
    private static readonly TimeSpan Boot = TimeSpan.FromSeconds(5);

    private readonly VfioDeviceFile? _file;

    public ServedMachine(VfioUserOptions options)
    {
        Host = new SimulatedHost(options.Profile, bootTime: Boot);
        Host.Trace.Limit = TraceLimit;
        Port = Host.AddRootPort(PortAddress, setup => _ = options.CutsPower ? setup.WithPowerResource() : setup);
        Function = Port.AddEndpoint(FunctionAddress, options.Device, setup => setup.WithBehavior(options.Behavior));
        Names = new Dictionary<string, string> { [PortName] = Port.Name, [FunctionName] = Function.Name };
        Host.Clock.Advance(Boot);
        Recording = new HostRecording(Host, Names, $"served as {options.As}", options.Recording);
        _file = options.As == ServedAs.User ? Open() : null;
        Time = new HostTime(Host.Clock, Recording, options.Wall, options.Speed);
        Device = _file is { } file
            ? new UserDevice(file, Host.VfioPci.Descriptors, Time, Recording)
            : new SiliconDevice(Function.Hardware, options.CutsPower, Time, Recording);
    }

    /// <summary>Addresses by name.</summary>
    public IReadOnlyDictionary<string, string> Names { get; }

    public HostRecording Recording { get; }

    public SimulatedHost Host { get; }

    public PciDevice Port { get; }

    public PciDevice Function { get; }

    /// <summary>Whether the host wants the device back.</summary>
    public bool IsLeaving { get; private set; }

    public HostTime Time { get; }

    public IServedDevice Device { get; }

    /// <summary>Where the bare function's messages go; null where a kernel has it.</summary>
    public SiliconInterrupts? Messages => (Device as SiliconDevice)?.Interrupts;

    /// <summary>The host wants the device back, and gets it when its client has gone.</summary>
    /// <returns>0.</returns>
    public int Remove()
    {
        IsLeaving = true;
        Device.AskBack();
        return 0;
    }

    public void Dispose()
    {
        Time.Dispose();
        Device.Forget();
        if (_file is { } file)
        {
            // What the last client gave up is given up before, and who takes the device back has it a moment later.
            Recording.Finish(HostRecording.Who.Client, Host.Clock);
            Do("close", file.Close);
            Recording.Finish(HostRecording.Who.Remover, Host.Clock);
        }

        Recording.Dispose();
        Host.Dispose();
    }

    private VfioDeviceFile Open()
    {
        VfioPciDevice device = null!;
        VfioDeviceFile file = null!;
        Do("bind", () => device = Host.VfioPci.Bind(Function));
        Do("open", () => file = device.Open());
        return file;
    }

    /// <summary>What has to be done for the client before it comes and after it has gone.</summary>
    private void Do(string operation, Action act) => Recording.Do(HostRecording.Who.Client, () =>
    {
        act();
        return new JsonObject { ["op"] = operation, ["bdf"] = Function.Name, ["ret"] = 0 };
    });
}
