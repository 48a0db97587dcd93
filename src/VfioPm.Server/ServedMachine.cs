namespace VfioPm.Server;

/// <summary>The host of a server: a function below a root port, and what clients get of it.</summary>
internal sealed class ServedMachine : IDisposable
{
    private const string PortAddress = "0000:00:03.0";
    private const string FunctionAddress = "0000:01:00.0";

    // A server may run for weeks: a megabyte or two.
    private const int TraceLimit = 10_000;

    private readonly VfioDeviceFile? _file;

    public ServedMachine(VfioUserOptions options)
    {
        Host = new SimulatedHost(options.Profile);
        Host.Trace.Limit = TraceLimit;
        Port = Host.AddRootPort(PortAddress, setup => _ = options.CutsPower ? setup.WithPowerResource() : setup);
        Function = Port.AddEndpoint(FunctionAddress, options.Device, setup => setup.WithBehavior(options.Behavior));
        _file = options.As == ServedAs.User ? Host.VfioPci.Bind(Function).Open() : null;
        Time = new HostTime(Host.Clock, options.Wall, options.Speed);
        Device = _file is { } file
            ? new UserDevice(file, Host.VfioPci.Descriptors, Time)
            : new SiliconDevice(Function.Hardware, options.CutsPower, Time);
    }

    public SimulatedHost Host { get; }

    public PciDevice Port { get; }

    public PciDevice Function { get; }

    /// <summary>Whether the host wants the device back.</summary>
    public bool IsLeaving { get; private set; }

    public HostTime Time { get; }

    public IServedDevice Device { get; }

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
        _file?.Close();
        Host.Dispose();
    }
}
