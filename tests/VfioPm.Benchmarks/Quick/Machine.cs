namespace VfioPm.Benchmarks;

/// <summary>A function below a root port whose power can be cut, bound and open; the trace is off.</summary>
internal sealed class Machine
{
    public Machine(KernelProfile profile)
    {
        Host = new SimulatedHost(profile);
        Host.Trace.IsEnabled = false;
        PciDevice port = Host.AddRootPort("0000:00:03.0", p => p.WithPowerResource());
        Function = port.AddEndpoint("0000:01:00.0");
        Device = Host.VfioPci.Bind(Function).Open();
    }

    public SimulatedHost Host { get; }

    public PciDevice Function { get; }

    public VfioDeviceFile Device { get; }
}
