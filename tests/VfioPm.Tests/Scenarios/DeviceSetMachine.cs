namespace VfioPm.Tests;

/// <summary>Two functions of one device that only a reset of their bus can reset, both bound to vfio-pci.</summary>
internal sealed class DeviceSetMachine
{
    private readonly VfioPciDevice _second;

    public DeviceSetMachine(KernelProfile profile)
    {
        Host = new SimulatedHost(profile);
        PciDevice port = Host.AddRootPort(Machine.PortAddress, setup => setup.WithPowerResource());
        First = port.AddEndpoint(Machine.NicAddress, NotResettable());
        Second = port.AddEndpoint("0000:01:00.1", NotResettable());
        Host.VfioPci.Bind(First);
        _second = Host.VfioPci.Bind(Second);
        Host.Clock.Advance(TimeSpan.FromSeconds(2));
    }

    public SimulatedHost Host { get; }

    public PciDevice First { get; }

    public PciDevice Second { get; }

    /// <summary>The last close of the set resets the bus: the second function cannot be reset by itself.</summary>
    public void UseAndCloseSecond()
    {
        VfioDeviceFile device = _second.Open();
        Host.Clock.Advance(TimeSpan.FromMilliseconds(100));
        device.Close();
    }

    /// <summary>No_Soft_Reset and no function level reset.</summary>
    private static DeviceImage NotResettable() =>
        DeviceImages.E1000E.WithPowerManagement(0x3, PmRegisters.NoSoftReset);
}
