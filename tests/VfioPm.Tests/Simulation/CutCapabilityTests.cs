using VfioPm.AnyCalls;

namespace VfioPm.Tests.Simulation;

/// <summary>
/// A function of which a capability reaches beyond the end of configuration space is one like any other: behind the end nothing answers,
/// and nothing that is done to it throws. Each capability at each place, filled at random or with zeros or ones, as card and as port;
/// a usual run has one kernel and one filling for each, a long one the others too.
/// </summary>
public sealed class CutCapabilityTests
{
    private const int Seed = 15;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private static readonly string[] Attributes =
    [
        "current_link_speed", "current_link_width", "max_link_speed", "max_link_width", "reset_method", "secondary_bus_number",
        "sriov_totalvfs", "sriov_offset", "sriov_stride", "sriov_vf_device",
    ];

    [Fact]
    public void Of_a_card_in_256_bytes() => Attack(
        CutCapabilities.StandardIds,
        PciRegisters.ConventionalSize,
        static (id, at, rest) => Card(CutCapabilities.Conventional(DeviceImages.E1000E).WithStandardAt(id, at, rest)));

    [Fact]
    public void Of_a_card_at_the_end_of_the_first_256_bytes() => Attack(
        CutCapabilities.StandardIds, PciRegisters.ConventionalSize, static (id, at, rest) => Card(DeviceImages.E1000E.WithStandardAt(id, at, rest)));

    [Fact]
    public void Of_a_card_in_4096_bytes() => Attack(
        CutCapabilities.ExtendedIds, PciRegisters.ExtendedSize, static (id, at, rest) => Card(DeviceImages.SriovNvme.WithExtendedAt(id, at, rest)));

    [Fact]
    public void Of_a_port_in_256_bytes() => Attack(
        CutCapabilities.StandardIds,
        PciRegisters.ConventionalSize,
        static (id, at, rest) => Port(CutCapabilities.Conventional(DeviceImages.RootPort).WithStandardAt(id, at, rest)));

    [Fact]
    public void Of_a_port_in_4096_bytes() => Attack(
        CutCapabilities.ExtendedIds, PciRegisters.ExtendedSize, static (id, at, rest) => Port(DeviceImages.RootPort.WithExtendedAt(id, at, rest)));

    /// <summary>Who has its own supply, and comes back without its link.</summary>
    [Fact]
    public void Of_a_card_that_loses_its_link() => Attack(
        CutCapabilities.StandardIds,
        PciRegisters.ConventionalSize,
        static (id, at, rest) => host => host.AddRootPort("0000:00:03.0").AddEndpoint(
            "0000:01:00.0",
            CutCapabilities.Conventional(DeviceImages.E1000E).WithStandardAt(id, at, rest),
            static card => card.WithPowerResource().WithBehavior(new HardwareBehavior { LosesLinkWithPower = true })));

    private static Func<SimulatedHost, PciDevice> Card(DeviceImage image) => host =>
        host.AddRootPort("0000:00:03.0", static port => port.WithPowerResource().WithWake()).AddEndpoint("0000:01:00.0", image);

    private static Func<SimulatedHost, PciDevice> Port(DeviceImage image) => host =>
        host.AddRootPort("0000:00:03.0", port => port.WithImage(image).WithPowerResource().WithWake()).AddEndpoint("0000:01:00.0");

    private static void Attack(IReadOnlyList<int> ids, int end, Func<int, int, byte[], Func<SimulatedHost, PciDevice>> make)
    {
        var random = new Random(Seed);
        byte[] drawn = new byte[PciRegisters.ConventionalSize];
        byte[][] fillings = [drawn, new byte[drawn.Length], [.. Enumerable.Repeat(byte.MaxValue, drawn.Length)]];
        IReadOnlyList<KernelProfile> profiles = [.. KernelProfile.All];
        Dictionary<string, string> thrown = [];
        int number = 0;
        foreach (int at in CutCapabilities.PlacesBefore(end).SelectMany(static at => Enumerable.Repeat(at, LongRun.Times(1))))
        {
            foreach (int id in ids)
            {
                random.NextBytes(drawn);
                KernelProfile profile = profiles[number % profiles.Count];
                byte[] filling = fillings[number / profiles.Count % fillings.Length];
                number++;
                try
                {
                    Live(profile, make(id, at, filling), random.Next());
                }
                catch (Exception one)
                {
                    thrown.TryAdd(one.StackTrace!, $"under {profile} capability 0x{id:x} at 0x{at:x}, filled with 0x{filling[0]:x2}, threw {one}");
                }
            }
        }

        thrown.Values.Should().BeEmpty();
    }

    /// <summary>Whatever is done to a function that looks at its capabilities.</summary>
    private static void Live(KernelProfile profile, Func<SimulatedHost, PciDevice> make, int seed)
    {
        using var host = new SimulatedHost(
            profile, new VfioModuleParameters { EnableSriov = true }, new Firmware { GrantsHotplug = true, GrantsPme = true });
        PciDevice card = make(host);
        Use(host, card, new Random(seed));
        host.Fork().ComputeStateHash().Should().Be(host.ComputeStateHash());
        foreach (PciDevice device in host.Devices.ToList())
        {
            Administer(device);
        }

        host.Clock.Advance(Rest);
    }

    private static void Use(SimulatedHost host, PciDevice card, Random random)
    {
        if (host.VfioPci.TryBind(card).IsError || VfioPciDriver.TryFind(card)!.TryOpen(out VfioDeviceFile? file).IsError)
        {
            return;
        }

        byte[] all = new byte[card.Hardware.Configuration.Size];
        file!.Config.TryRead(0, all);
        for (int offset = 0; offset < all.Length; offset += 4)
        {
            file.Config.Write(offset, 4, (uint)random.NextInt64());
        }

        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandMaster);
        foreach (VfioIrqIndex kind in (VfioIrqIndex[])[VfioIrqIndex.Intx, VfioIrqIndex.Msi, VfioIrqIndex.MsiX])
        {
            file.EnableIrqs(kind, new EventFd(), new EventFd());
            card.Hardware.SendMessage(1);
            card.Hardware.AssertInterrupt();
            file.Reset();
            file.DisableIrqs(kind);
        }

        file.HotReset(file.Group);
        if (card.Hardware.Pm is not null)
        {
            file.Config.WritePmcsrState(PowerState.D3Hot);
        }

        file.EnterLowPower();
        host.Clock.Advance(Rest);
        card.Hardware.AssertPme();
        file.Read(0, 0, new byte[8]);
        file.Close();
    }

    private static void Administer(PciDevice device)
    {
        foreach (string attribute in Attributes)
        {
            device.Sysfs.Read(attribute);
        }

        device.Sysfs.Write("sriov_numvfs", "1");
        device.Sysfs.Write("reset", "1");
        device.Sysfs.Write("sriov_numvfs", "0");
        device.HostConfig.Read(0, new byte[4096]);
        device.Sysfs.Write("remove", "1");
    }
}
