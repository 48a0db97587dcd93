namespace VfioPm.Tests;

/// <summary>
/// A VMM that has permitted low power: each access of its guest wakes the device, and waits for that, while other things happen on the host.
/// </summary>
public sealed class GuestOfSleepingDeviceTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(3);

    public static TheoryData<string> Profiles => GuestMachine.ProfilesWithLowPower;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void It_finds_puts_to_sleep_wakes_and_resets_the_device_as_if_that_were_awake(string profile) =>
        Live(profile, sleeps: true).Should().Equal(Live(profile, sleeps: false));

    private static List<string> Live(string profile, bool sleeps)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddRootPort(Machine.PortAddress, static port => port.WithPowerResource()).AddEndpoint(Machine.NicAddress);
        VfioDeviceFile file = host.VfioPci.Bind(nic).Open();
        if (sleeps)
        {
            file.EnterLowPower().Should().Succeed();
            host.Clock.Advance(Long);
            nic.Should().BeIn(PowerState.D3Cold);
        }

        using ITimer other = host.Clock.CreateTimer(static _ => { }, null, TimeSpan.FromMilliseconds(0.7), TimeSpan.FromMilliseconds(0.7));
        using LinuxGuest guest = host.Boot(file);
        List<string> seen = [];
        See("booted");
        guest.Driver.GoIdle();
        host.Clock.Advance(Long);
        See("asleep");
        guest.Driver.Use();
        See("in use");
        guest.Reset();
        See("reset");
        return seen;

        void See(string what)
        {
            var header = new UserMemory(PciRegisters.HeaderSize);
            file.Read(VfioRegion.Configuration, 0, header.Span).Should().Be((KernelResult)PciRegisters.HeaderSize);
            seen.Add($"{what}: {guest.Device.RuntimeStatus}, {Convert.ToHexString(header.Bytes)}");
        }
    }
}
