namespace VfioPm.Tests;

/// <summary>A card below a port whose power can be cut, which a guest puts to sleep and wakes.</summary>
internal sealed class PictureMachine
{
    public const string PortName = "0000:00:03.0";
    public const string NicName = "0000:01:00.0";

    public PictureMachine()
    {
        Port = Host.AddRootPort(PortName, port => port.WithPowerResource());
        Nic = Port.AddEndpoint(NicName);
    }

    public SimulatedHost Host { get; } = new(KernelProfile.RfcV1);

    public PciDevice Port { get; }

    public PciDevice Nic { get; }

    /// <summary>The picture of one sleep: about a second until it begins, then as long as was asked for.</summary>
    public static Picture OfSleep(double seconds = 2)
    {
        PictureMachine machine = new();
        machine.Sleep(seconds);
        return machine.Host.Trace.ToPicture("a sleep");
    }

    public void Sleep(double seconds = 2)
    {
        VfioDeviceFile device = Host.VfioPci.Bind(Nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        Host.Clock.Advance(TimeSpan.FromSeconds(seconds));
        device.Config.WritePmcsrState(PowerState.D0);
        device.Close();
    }
}
