namespace VfioPm.BrowserTests;

/// <summary>A card below a port whose power can be cut, which a guest puts to sleep and wakes, again and again.</summary>
internal sealed class Machine
{
    public const string Port = "0000:00:03.0";
    public const string Nic = "0000:01:00.0";

    public Machine(bool keepsReasons = true)
    {
        if (keepsReasons)
        {
            Host.Trace.KeepReasons();
        }

        PciDevice port = Host.AddRootPort(Port, setup => setup.WithPowerResource());
        Device = Host.VfioPci.Bind(port.AddEndpoint(Nic)).Open();
    }

    public SimulatedHost Host { get; } = new(KernelProfile.RfcV1);

    public VfioDeviceFile Device { get; }

    /// <summary>A picture of so many sleeps of a second and a half, half a second apart.</summary>
    public static Picture OfSleeps(int number = 1, bool keepsReasons = true)
    {
        Machine machine = new(keepsReasons);
        for (int sleep = 0; sleep < number; sleep++)
        {
            machine.Device.Config.WritePmcsrState(PowerState.D3Hot);
            machine.Host.Clock.Advance(TimeSpan.FromSeconds(1.5));
            machine.Device.Config.WritePmcsrState(PowerState.D0);
            machine.Host.Clock.Advance(TimeSpan.FromSeconds(0.5));
        }

        return machine.Host.Trace.ToPicture($"{number} sleeps");
    }
}
