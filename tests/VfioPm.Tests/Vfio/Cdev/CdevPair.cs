namespace VfioPm.Tests;

/// <summary>Two functions of one card below a port that can cut the power, on a kernel with character devices of their own.</summary>
internal static class CdevPair
{
    public const int First = 0x10;
    public const int Second = 0x20;

    /// <summary>They sleep when this returns; <paramref name="separate"/> for IOMMU groups of their own.</summary>
    public static SimulatedHost Make(string profile, bool separate = false)
    {
        SimulatedHost host = new(KernelProfile.Parse(profile).WithDeviceCdev());
        PciDevice port = host.AddRootPort("0000:00:03.0", static setup => setup.WithPowerResource());
        host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0", setup: static setup => setup.WithIommuGroup(First)));
        host.VfioPci.Bind(port.AddEndpoint("0000:01:00.1", setup: setup => setup.WithIommuGroup(separate ? Second : First)));
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        return host;
    }
}
