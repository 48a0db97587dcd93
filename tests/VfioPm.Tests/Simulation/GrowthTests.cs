using System.Runtime.CompilerServices;

namespace VfioPm.Tests;

/// <summary>What is done again and again takes no more memory than what is done once; what nobody uses any more goes.</summary>
[Collection(nameof(GrowthTests))]
[CollectionDefinition(nameof(GrowthTests), DisableParallelization = true)]
public sealed class GrowthTests
{
    private const int Cycles = 400;
    private const int Rounds = 3;

    // Tables that are filled once, and the collector's own.
    private const long Noise = 100 * Cycles;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(3);

    private static readonly Dictionary<string, Action<SimulatedHost>> All = new()
    {
        ["D3hot and back"] = static host =>
        {
            VfioDeviceFile file = File(host);
            file.Config.WritePmcsrState(PowerState.D3Hot);
            host.Clock.Advance(Long);
            file.Config.WritePmcsrState(PowerState.D0);
        },
        ["low power and back"] = static host =>
        {
            File(host).EnterLowPower(new EventFd());
            host.Clock.Advance(Long);
            File(host).ExitLowPower();
        },
        ["open and close"] = static host => host.VfioPci["0000:01:00.0"].Open().Dispose(),
        ["bind and unbind"] = static host =>
        {
            host.VfioPci.Bind(host["0000:03:00.0"]).Unbind();
        },
        ["map and unmap"] = static host =>
        {
            VfioDeviceFile file = File(host);
            file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
            file.TryMap(0, 0, 4096, out VfioMapping? mapping).Should().Be(KernelResult.Success);
            mapping!.Read(0, 4);
            mapping.Unmap();
        },
        ["interrupts on and off"] = static host =>
        {
            VfioDeviceFile file = File(host);
            file.SetIrqs(new VfioIrqSet(VfioIrqIndex.MsiX, VfioIrqSetFlags.DataEventFd | VfioIrqSetFlags.ActionTrigger, count: 2)
            {
                EventFds = [new EventFd(), new EventFd()],
            }).Should().Be(KernelResult.Success);
            file.SetIrqs(new VfioIrqSet(VfioIrqIndex.MsiX, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, count: 0));
        },
        ["reset"] = static host => File(host).Reset(),
        ["sysfs"] = static host =>
        {
            host["0000:01:00.0"].Sysfs.Write("power/control", "on");
            host["0000:01:00.0"].Sysfs.Write("power/control", "auto");
            host["0000:01:00.0"].Sysfs.Write("reset", "1");
        },
        ["virtual functions"] = static host =>
        {
            host["0000:02:00.0"].Sysfs.Write("sriov_numvfs", "2");
            host["0000:02:00.0"].Sysfs.Write("sriov_numvfs", "0");
        },
        ["guests"] = static host =>
        {
            LinuxGuest guest = host.Boot(host.VfioPci.Bind(host["0000:03:00.0"]).Open());
            guest.Driver.GoIdle();
            host.Clock.Advance(Long);
            guest.Shutdown();
            host.VfioPci["0000:03:00.0"].Unbind();
        },
        ["timers"] = static host =>
        {
            using ITimer timer = host.Clock.CreateTimer(static _ => { }, null, Long, Long);
            host.Clock.Advance(Long);
        },
        ["devices of runtime PM"] = static host =>
        {
            RuntimePmDevice device = host.RuntimePm.AddActive("custom");
            device.GetSync();
            device.Put();
            host.RuntimePm.RemoveDevice(device);
        },
        ["calls that are begun"] = static host =>
        {
            PendingCall reset = File(host).BeginReset();
            host.Clock.Advance(Long);
            reset.IsCompleted.Should().BeTrue();
        },
        ["forks"] = static host => host.Fork().Dispose(),
        ["listeners"] = static host =>
        {
            var trace = new HostTrace(host.RuntimePm);
            trace.IsEnabled = false;
        },
    };

    public static TheoryData<string> Names => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_done_again_and_again_takes_no_more_memory(string what)
    {
        using SimulatedHost host = Make();
        host.Trace.IsEnabled = false;
        Action<SimulatedHost> act = All[what];
        for (int i = 0; i < 20; i++)
        {
            act(host);
        }

        // What grows does so in each round; what the rest of the process keeps, it keeps once.
        long grown = Enumerable.Range(0, Rounds).Min(_ => GrownBy(() => act(host)));

        (grown < Noise).Should().BeTrue($"\"{what}\" took {grown} bytes in {Cycles} cycles");
        GC.KeepAlive(host);
    }

    /// <summary>Fifty times as much is a million cycles; each has some dozens of entries.</summary>
    [Fact]
    public void A_trace_with_a_limit_does_not_grow()
    {
        using SimulatedHost host = Make();
        host.Trace.Limit = 10_000;
        Run(host, 500);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        int cycles = LongRun.Times(20_000);
        Run(host, cycles);

        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        (grown < 1 << 20).Should().BeTrue($"{cycles} cycles took {grown} bytes");
        host.Trace.Entries.Should().HaveCount(10_000);
        (host.Trace.Recorded > 20L * cycles).Should().BeTrue("it recorded all that happened");
        GC.KeepAlive(host);
    }

    [Fact]
    public void A_host_that_nobody_uses_is_collected_with_all_that_it_has()
    {
        WeakReference[] all = MakeAndLeave();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        all.Should().AllSatisfy(each => each.IsAlive.Should().BeFalse());
    }

    [Fact]
    public void Accesses_that_come_too_early_are_told_of_so_many()
    {
        var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        int pmcsr = nic.Hardware.Pm!.ControlStatusOffset;
        nic.Hardware.WriteConfig(pmcsr, 2, (uint)PowerState.D3Hot);
        for (int i = 0; i < 5000; i++)
        {
            nic.Hardware.ReadConfig(i % 64, 1);
        }

        nic.Hardware.Faults.Should().HaveCount(1024);
        nic.Hardware.Faults[^1].Offset.Should().Be(4999 % 64, "the oldest go");
    }

    [Fact]
    public void The_kernels_log_forgets_its_oldest_lines()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        RuntimePmDevice device = host.RuntimePm.AddActive("custom");
        for (int i = 0; i < 10_001; i++)
        {
            host.Clock.Advance(TimeSpan.FromSeconds(1));
            device.Put().Errno.Should().Be(Errno.EINVAL, "the count underflows, and the kernel says so");
        }

        host.Log.Count.Should().Be(10_000);
        host.Log[0].Time.Should().Be(TimeSpan.FromSeconds(2));
    }

    private static long GrownBy(Action act)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Cycles; i++)
        {
            act();
        }

        return GC.GetTotalMemory(forceFullCollection: true) - before;
    }

    private static void Run(SimulatedHost host, int cycles)
    {
        for (int i = 0; i < cycles; i++)
        {
            All["D3hot and back"](host);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] MakeAndLeave()
    {
        SimulatedHost host = Make();
        SimulatedHost fork = host.Fork();
        LinuxGuest guest = host.Boot(host.VfioPci.Bind(host["0000:03:00.0"]).Open());
        PendingCall reset = File(host).BeginReset();
        ITimer timer = host.Clock.CreateTimer(static _ => { }, null, Long, Long);
        host.Clock.Advance(Long);
        WeakReference[] all =
        [
            new(host), new(host.Trace), new(host["0000:01:00.0"]), new(fork), new(guest), new(reset), new(timer), new(host.Clock), new(host.Kernel),
        ];
        host.Dispose();
        fork.Dispose();
        return all;
    }

    private static SimulatedHost Make()
    {
        var host = new SimulatedHost(KernelProfile.Linux6_1, new VfioModuleParameters { EnableSriov = true });
        host.AddRootPort("0000:00:03.0", port => port.WithPowerResource()).AddEndpoint("0000:01:00.0");
        host.AddRootPort("0000:00:04.0", port => port.WithPowerResource()).AddEndpoint("0000:02:00.0", DeviceImages.SriovNvme);
        host.AddRootPort("0000:00:05.0", port => port.WithPowerResource()).AddEndpoint("0000:03:00.0");
        host.VfioPci.Bind(host["0000:01:00.0"]).Open();
        host.VfioPci.Bind(host["0000:02:00.0"]);
        return host;
    }

    private static VfioDeviceFile File(SimulatedHost host) => host.VfioPci["0000:01:00.0"].Files[0];
}
