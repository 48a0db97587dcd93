namespace VfioPm.Tests;

/// <summary>A network adapter below a port that can cut its power, given to a guest.</summary>
internal sealed class GuestMachine : IDisposable
{
    public GuestMachine(
        KernelProfile profile,
        Action<VirtualDeviceSetup>? vmm = null,
        DeviceImage? image = null,
        HardwareBehavior? behavior = null)
    {
        Host = new SimulatedHost(profile);
        Port = Host.AddRootPort("0000:00:03.0", port => port.WithPowerResource());
        Nic = Port.AddEndpoint(
            "0000:01:00.0", image, setup => setup.WithBehavior(behavior ?? HardwareBehavior.Specification));
        Bound = Host.VfioPci.Bind(Nic);
        BeforeUse = UsageBaseline.Of(Host.RuntimePm);
        Guest = Host.Boot(Bound.Open(), vmm);
    }

    public static TheoryData<string> AllProfiles => [.. KernelProfile.All.Select(profile => profile.Name)];

    /// <summary>Those whose VMM can permit low power.</summary>
    public static TheoryData<string> ProfilesWithLowPower => ["linux-6.1", "linux-6.12", "linux-7.3"];

    /// <summary>Those where it cannot.</summary>
    public static TheoryData<string> ProfilesWithoutLowPower => ["linux-5.10", "pre-rfc", "rfc-v1"];

    public SimulatedHost Host { get; }

    public PciDevice Port { get; }

    public PciDevice Nic { get; }

    public VfioPciDevice Bound { get; }

    public UsageBaseline BeforeUse { get; }

    public LinuxGuest Guest { get; }

    public VfioDeviceFile File => Guest.Device.Virtual.File;

    /// <summary>What waits in guests; the host goes on polling for PME.</summary>
    public static IEnumerable<string> PendingOfGuests(SimulatedHost host) => host.Clock.Pending
        .Select(waiting => waiting.What)
        .Where(what => what.StartsWith("guest", StringComparison.Ordinal));

    /// <summary>Long enough for the guest's autosuspend delay, the host's, and the transitions that follow.</summary>
    public void Settle() => Host.Clock.Advance(TimeSpan.FromSeconds(3));

    public void FallAsleep()
    {
        Guest.Driver.GoIdle();
        Settle();
    }

    /// <summary>What the guest reads of the header.</summary>
    public byte[] ReadHeader()
    {
        var bytes = new byte[PciRegisters.HeaderSize];
        File.Config.TryRead(0, bytes);
        return bytes;
    }

    public void Dispose()
    {
        Guest.Dispose();
        Host.Dispose();
    }
}
