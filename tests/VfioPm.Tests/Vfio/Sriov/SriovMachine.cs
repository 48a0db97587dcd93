namespace VfioPm.Tests;

/// <summary>An NVMe drive with virtual functions below a port that can cut its power, bound to vfio-pci.</summary>
internal sealed class SriovMachine : IDisposable
{
    public const string NumVfs = "sriov_numvfs";

    public static readonly Guid Token = new("bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3");

    public SriovMachine(KernelProfile profile, VfioModuleParameters? module = null, DeviceImage? image = null)
    {
        Host = new SimulatedHost(profile, module ?? new VfioModuleParameters { EnableSriov = true });
        Port = Host.AddRootPort("0000:00:03.0", port => port.WithPowerResource());
        Physical = Port.AddEndpoint("0000:01:00.0", image ?? DeviceImages.SriovNvme);
        Bound = Host.VfioPci.Bind(Physical);
    }

    public SimulatedHost Host { get; }

    public PciDevice Port { get; }

    public PciDevice Physical { get; }

    public VfioPciDevice Bound { get; }

    public PciDevice Virtual(int number) => Physical.Sriov!.VirtualFunctions[number];

    public VfioPciDevice BoundVirtual(int number) => Host.VfioPci.Devices.Single(device => device.Pci == Virtual(number));

    public KernelResult Enable(int count) =>
        Physical.Sysfs.Write(NumVfs, count.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Opens the physical function, which sets the token, enables one virtual function and opens that.</summary>
    public VfioDeviceFile OpenVirtual()
    {
        Bound.Open(Token);
        Enable(1);
        return BoundVirtual(0).Open(Token);
    }

    public void Settle() => Host.Clock.Advance(TimeSpan.FromSeconds(1.5));

    public void Dispose() => Host.Dispose();
}
