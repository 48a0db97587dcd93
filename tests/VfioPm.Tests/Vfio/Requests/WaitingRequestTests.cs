namespace VfioPm.Tests;

/// <summary>Calls of a user that wait until his device is awake: explorations and forks know what each of them asks for.</summary>
public sealed class WaitingRequestTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(3);

    private static readonly Guid Token = new("8d1a5f0e-5c29-4b07-9b9c-6f1a9fd0c5d7");

    private static readonly VfioFeatureRequest Entry = new(VfioFeature.LowPowerEntry, VfioFeatureFlags.Set);

    private static readonly VfioFeatureRequest Export = new(VfioFeature.DmaBuf, VfioFeatureFlags.Get)
    {
        DmaBuf = new VfioDmaBufRequest(0, new VfioDmaRange(0, 0x1000)),
    };

    private static readonly Func<VfioDeviceFile, PendingCall>[] Calls =
    [
        static file => file.BeginReset(),
        static file => file.BeginHotReset(file.Group),
        static file => file.BeginHotReset(file.Group, file.Group),
        static file => file.BeginHotReset(new VfioGroup(99)),
        static file => file.BeginHotReset(FileDescriptor.Closed),
        static file => file.BeginFeature(Entry),
        static file => file.BeginFeature(Entry with { ArgumentSize = 12 }),
        static file => file.BeginFeature(new VfioFeatureRequest(VfioFeature.LowPowerExit, VfioFeatureFlags.Set)),
        static file => file.BeginFeature(new VfioFeatureRequest(VfioFeature.LowPowerExit, VfioFeatureFlags.Probe)),
        static file => file.BeginFeature(Entry with { ArgumentSize = 16, Wakeup = FileDescriptor.Closed }),
        static file => file.BeginFeature(Entry with { ArgumentSize = 16, Wakeup = FileDescriptor.OtherFile }),
        static file => file.BeginFeature(Entry with { ArgumentSize = 16, Token = Token }),
        static file => file.BeginFeature(Entry with { ArgumentSize = 16, Token = Guid.Empty }),
        static file => file.BeginFeature(Export),
        static file => file.BeginFeature(Export with { DmaBuf = new VfioDmaBufRequest(1, new VfioDmaRange(0, 0x1000)) }),
        static file => file.BeginFeature(Export with { DmaBuf = new VfioDmaBufRequest(0, new VfioDmaRange(0x1000, 0x1000)) }),
        static file => file.BeginFeature(Export with { DmaBuf = new VfioDmaBufRequest(0, new VfioDmaRange(0, 0x2000)) }),
        static file => file.BeginFeature(Export with { DmaBuf = new VfioDmaBufRequest(0, new VfioDmaRange(0, 0x1000)) { Flags = 1 } }),
    ];

    [Fact]
    public void Each_of_them_is_told_from_the_others_and_a_fork_goes_on_with_it()
    {
        using var nic = new OpenNic(KernelProfile.Linux7_3);
        nic.File.EnterLowPower().Should().Succeed();
        nic.Host.Clock.Advance(Long);
        HashSet<ulong> hashes = [nic.Host.ComputeStateHash()];
        for (int call = 0; call < Calls.Length; call++)
        {
            using SimulatedHost host = nic.Host.Fork();
            PendingCall waiting = Calls[call](host.VfioPci.Devices[0].Files[0]);
            waiting.IsCompleted.Should().BeFalse($"call {call} wakes the device");
            hashes.Add(host.ComputeStateHash()).Should().BeTrue($"call {call} is another");

            using SimulatedHost fork = host.Fork();
            fork.ComputeStateHash().Should().Be(host.ComputeStateHash());
            host.Clock.Advance(Long);
            fork.Clock.Advance(Long);
            fork.ComputeStateHash().Should().Be(host.ComputeStateHash(), $"the fork ends call {call} too");
        }
    }
}
