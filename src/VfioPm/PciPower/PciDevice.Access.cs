namespace VfioPm;

// What the administrator of the host and the drivers do to a function.
public sealed partial class PciDevice : IConfigurationAccess
{
    /// <summary>Configuration space as the host's root sees it.</summary>
    public HostConfiguration HostConfig { get; }

    /// <summary>The function's attributes in sysfs.</summary>
    public PciSysfs Sysfs { get; }

    /// <summary>Adds a function below this bridge.</summary>
    /// <param name="address">Where: "0000:01:00.0".</param>
    /// <param name="image">What it is made from; an Intel 82574L network adapter by default.</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="InvalidOperationException">This is no bridge.</exception>
    /// <exception cref="ArgumentException">
    /// There is a function at that address; its bus is another than that of what is right below this bridge already, or is
    /// somewhere else.
    /// </exception>
    public PciDevice AddEndpoint(string address, DeviceImage? image = null, Action<FunctionSetup>? setup = null) =>
        Topology.AddEndpoint(address, image, upstream: this, setup);

    /// <summary>Adds a switch below this port: its upstream port, with its driver bound (<c>pcieport</c>).</summary>
    /// <param name="address">Where: "0000:01:00.0".</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="InvalidOperationException">This is no bridge.</exception>
    /// <exception cref="ArgumentException">
    /// There is a function at that address; its bus is another than that of what is right below this bridge already, or is
    /// somewhere else.
    /// </exception>
    public PciDevice AddUpstreamPort(string address, Action<FunctionSetup>? setup = null) =>
        AddPort(address, ExpressPortType.UpstreamPort, setup);

    /// <summary>Adds a downstream port to the switch whose upstream port this is, with its driver bound.</summary>
    /// <param name="address">Where: "0000:02:00.0".</param>
    /// <param name="setup">What is special about it.</param>
    /// <exception cref="InvalidOperationException">This is no bridge.</exception>
    /// <exception cref="ArgumentException">
    /// There is a function at that address; its bus is another than that of what is right below this bridge already, or is
    /// somewhere else.
    /// </exception>
    public PciDevice AddDownstreamPort(string address, Action<FunctionSetup>? setup = null) =>
        AddPort(address, ExpressPortType.DownstreamPort, setup);

    uint IConfigurationAccess.ReadConfig(int offset, int width) => ReadConfig(offset, width);

    void IConfigurationAccess.WriteConfig(int offset, int width, uint value) => WriteConfig(offset, width, value);

    internal void SetDriver(PciDriver? driver) => Driver = driver;

    private PciDevice AddPort(string address, ExpressPortType type, Action<FunctionSetup>? setup) =>
        Topology.AddPort(address, type, upstream: this, setup);
}
