namespace VfioPm.Tests;

/// <summary>Calls of several users at once, in all their orders.</summary>
public sealed class OverlappingCallTests
{
    public static TheoryData<string> Profiles => ["linux-6.1", "linux-6.12", "linux-7.3"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_low_power_entry_two_reads_and_two_hot_resets_end_well_in_every_order(string profile)
    {
        OverlapExploration all = OverlapExploration.Of(
            Crowd.MakeOpen(KernelProfile.Parse(profile)),
            static host =>
            [
                Crowd.File(host).BeginEnterLowPower(),
                Crowd.File(host).BeginRead(VfioRegion.Configuration, 4, new UserMemory(2)),
                Crowd.OtherFile(host).BeginRead(0, 0, new UserMemory(4)),
                Crowd.File(host).BeginHotReset(Crowd.File(host).Group),
                Crowd.OtherFile(host).BeginHotReset(Crowd.OtherFile(host).Group),
            ],
            ShouldBeWhole);

        all.States.Should().BeGreaterThan(100);
        all.Ends.Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_close_a_reset_and_an_exit_of_low_power_end_well_in_every_order(string profile)
    {
        SimulatedHost host = Crowd.MakeOpen(KernelProfile.Parse(profile));
        Crowd.File(host).EnterLowPower();
        host.Clock.Advance(TimeSpan.FromSeconds(3));

        OverlapExploration all = OverlapExploration.Of(
            host,
            static host =>
            [
                Crowd.File(host).BeginExitLowPower(),
                Crowd.OtherFile(host).BeginReset(),
                Crowd.OtherFile(host).BeginClose(),
            ],
            ShouldBeWhole);

        all.Ends.Should().NotBeEmpty();
    }

    /// <summary>Nothing stays locked, nobody waits, and once all users are gone so are all counts.</summary>
    private static void ShouldBeWhole(SimulatedHost host, IReadOnlyList<PendingCall> calls)
    {
        host.Kernel.Scheduler = StockScheduler.Instance;
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        host.Kernel.Threads.Should().BeEmpty();
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            device.IsMemoryLocked.Should().BeFalse();
            device.Set.Lock.IsWriteLocked.Should().BeFalse();
            device.Pci.IsLocked.Should().BeFalse();
            foreach (VfioDeviceFile file in device.Files.ToList())
            {
                file.Close();
            }
        }

        host.Clock.Advance(TimeSpan.FromSeconds(5));
        foreach (VfioPciDevice device in host.VfioPci.Devices)
        {
            device.Pci.UsageCount.Should().Be(0);
            device.Pci.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
        }
    }
}
