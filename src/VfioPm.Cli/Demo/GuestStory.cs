namespace VfioPm.Cli;

/// <summary>
/// One sleep of a guest's device under the RFC, step by step: what somebody does, what follows and why, and what
/// guest, kernel and hardware then hold to be true.
/// </summary>
internal sealed class GuestStory : IDisposable
{
    private const int Columns = 100;
    private const int ReasonColumn = 49;

    private readonly TextWriter _output;
    private readonly SimulatedHost _host = new(KernelProfile.RfcV1);
    private readonly PciDevice _port;
    private readonly PciDevice _nic;
    private VfioDeviceFile? _device;

    public GuestStory(TextWriter output)
    {
        _output = output;
        _host.Trace.KeepReasons();
        _port = _host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        _nic = _port.AddEndpoint("0000:01:00.0");
    }

    public void Tell()
    {
        _output.WriteLine("A guest puts its network card to sleep and wakes it, on a platform that can cut power,");
        _output.WriteLine("under the RFC. The card is 0000:01:00.0; 0000:00:03.0 is the root port above it.");
        _output.WriteLine();
        _output.WriteLine("     when  who           what                    why (holds until the next is given)");
        Step("A VMM binds the card to vfio-pci and opens it.", () => _device = _host.VfioPci.Bind(_nic).Open());
        Step("The guest's driver writes D3hot to PMCSR.", () => _device!.Config.WritePmcsrState(PowerState.D3Hot));
        Step("The guest does nothing for a second and a half.", () => _host.Clock.Advance(TimeSpan.FromSeconds(1.5)));
        Step("The guest's driver reads PMCSR, which wakes nobody.", () => _device!.Config.ReadPmcsrState());
        Step("The guest's driver writes D0 to PMCSR.", () => _device!.Config.WritePmcsrState(PowerState.D0));
        Step("The VMM closes the device.", () => _device!.Close());
        Step("Nobody uses the card for a second and a half.", () => _host.Clock.Advance(TimeSpan.FromSeconds(1.5)));
    }

    /// <summary>What was told so far, as a picture.</summary>
    public Picture Draw() => _host.Trace.ToPicture("A guest puts its network card to sleep and wakes it, under the RFC");

    public void Dispose()
    {
        _device?.Dispose();
        _host.Dispose();
    }

    private void Step(string what, Action act)
    {
        int before = _host.Trace.Entries.Count;
        act();
        _output.WriteLine();
        _output.WriteLine(what);
        foreach (string line in _host.Trace.ToTimeline().After(before).ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries))
        {
            Fold(line);
        }

        string guest = _device is { IsClosed: false } ? $"guest reads {_device.Device.PowerStateShown?.KernelName}; " : "";
        _output.WriteLine($"    => {guest}kernel believes {_nic.PowerState.KernelName}, usage {_nic.UsageCount}; "
            + $"hardware in {_nic.Hardware.PowerState.KernelName}; port in {_port.PowerState.KernelName}");
    }

    /// <summary>Writes a line that fits: of a reason that does not, the end goes below its beginning.</summary>
    private void Fold(string line)
    {
        int comma = line.Length > Columns ? line.LastIndexOf(", ", Columns, StringComparison.Ordinal) : -1;
        if (comma < 0)
        {
            _output.WriteLine(line);
            return;
        }

        _output.WriteLine(line[..(comma + 1)]);
        _output.WriteLine(line[(comma + 2)..].PadLeft(line.Length - comma - 2 + ReasonColumn));
    }
}
