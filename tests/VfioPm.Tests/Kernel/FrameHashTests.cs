namespace VfioPm.Tests;

/// <summary>What is remembered of the hash of a function that waits never outlives what it was made of.</summary>
public sealed class FrameHashTests
{
    [Fact]
    public void Who_asked_for_the_hash_all_along_gets_the_same_as_who_asks_once()
    {
        using SimulatedHost host = StandardTopology.Parse("b").Make(KernelProfile.Linux6_1);
        using SimulatedHost asked = host.Fork();
        BeginAll(host);
        BeginAll(asked);

        int events = 0;
        for (; host.Kernel.Threads.Count > 0; events++)
        {
            host.Clock.RunNext(0);
            asked.Clock.RunNext(0);
            asked.ComputeStateHash();
            if (events % 7 == 0)
            {
                host.Fork().ComputeStateHash().Should().Be(asked.ComputeStateHash(), "{0} events were the same", events);
            }
        }

        events.Should().BeGreaterThan(20);
        host.ComputeStateHash().Should().Be(asked.ComputeStateHash());
    }

    private static void BeginAll(SimulatedHost host)
    {
        VfioPciDevice device = host.VfioPci.Devices[0];
        device.BeginOpen();
        device.Pci.HostConfig.BeginRead(0, new UserMemory(64));
        device.Pci.Sysfs.BeginWrite("power/control", "on");
        device.Pci.Sysfs.BeginWrite("reset", "1");
        device.BeginUnbind();
    }
}
