namespace VfioPm.Tests;

/// <summary>The machine of the RFC's table: a root port whose power may be cut, and a function below it.</summary>
internal sealed class Machine
{
    public const string PortAddress = "0000:00:03.0";
    public const string NicAddress = "0000:01:00.0";

    public static readonly TimeSpan AutosuspendDelay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1.5);

    public Machine(
        KernelProfile profile,
        bool cutsPower = true,
        bool disableIdleD3 = false,
        DeviceImage? image = null,
        HardwareBehavior? port = null,
        HardwareBehavior? nic = null)
    {
        Host = new SimulatedHost(
            profile, new VfioModuleParameters { DisableIdleD3 = disableIdleD3 }, loggerFactory: Log);
        Port = Host.AddRootPort(PortAddress, setup => _ = (cutsPower ? setup.WithPowerResource() : setup)
            .WithBehavior(port ?? HardwareBehavior.Specification));
        Nic = Port.AddEndpoint(
            NicAddress, image, setup => setup.WithBehavior(nic ?? HardwareBehavior.Specification));
    }

    /// <summary>What the kernel logs.</summary>
    public KernelLog Log { get; } = new();

    /// <summary>Offset of the PM capability in <see cref="DeviceImages.E1000E"/>.</summary>
    public int Pm => Nic.Hardware.Pm!.Offset;

    public int Pmcsr => Nic.Hardware.Pm!.ControlStatusOffset;

    public SimulatedHost Host { get; }

    public PciDevice Port { get; }

    public PciDevice Nic { get; }

    /// <summary>A network card that can assert PME# from every state.</summary>
    public static DeviceImage WithPme() => DeviceImages.E1000E.WithPowerManagement(PmRegisters.PmeSupportMask | 0x3);

    public VfioPciDevice Bind() => Host.VfioPci.Bind(Nic);

    public VfioDeviceFile Open() => Bind().Open();

    /// <summary>Opens the device, and its guest asks for a state.</summary>
    public VfioDeviceFile OpenIn(PowerState state)
    {
        VfioDeviceFile device = Open();
        device.Config.WritePmcsrState(state);
        return device;
    }

    /// <summary>The same, and the autosuspend delay passes.</summary>
    public VfioDeviceFile OpenAndSleep()
    {
        VfioDeviceFile device = OpenIn(PowerState.D3Hot);
        Settle();
        return device;
    }

    /// <summary>Long enough for the autosuspend delay and the transitions that follow.</summary>
    public void Settle() => Host.Clock.Advance(Settling);
}
