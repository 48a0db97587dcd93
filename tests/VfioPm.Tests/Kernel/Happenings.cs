namespace VfioPm.Tests;

/// <summary>What may happen on a host, by name: a machine that was made for it, and what begins.</summary>
internal static class Happenings
{
    private const string Port = "0000:00:03.0";
    private const string Card = "0000:01:00.0";
    private const string Neighbour = "0000:01:00.1";
    private const ushort PmeFromAllStates = 0xf803;

    private static readonly Dictionary<string, (Func<KernelProfile, SimulatedHost> Make, Action<SimulatedHost> Begin)> All = new()
    {
        ["the machine sleeps and wakes"] = (MakeDriven, static host => host.SystemSleep.BeginSuspend(SystemSleepState.Mem, Second)),
        ["the machine idles and wakes"] = (MakeOpen, static host => host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, Second)),
        ["the machine sleeps while all sleep"] = (MakeAsleep, static host => host.SystemSleep.BeginSuspend(SystemSleepState.Mem, Second)),
        ["a driver refuses to sleep"] = (
            static profile => MakeRefusing(profile, SleepPhase.Suspend), static host => host.SystemSleep.BeginSuspend(SystemSleepState.Mem)),
        ["a driver refuses to sleep late"] = (
            static profile => MakeRefusing(profile, SleepPhase.SuspendLate), static host => host.SystemSleep.BeginSuspend(SystemSleepState.Mem)),
        ["a driver refuses to sleep last"] = (
            static profile => MakeRefusing(profile, SleepPhase.SuspendNoirq), static host => host.SystemSleep.BeginSuspend(SystemSleepState.Mem)),
        ["a card is put into a slot"] = (
            static profile => MakeSlot(profile, hasCard: false), static host => host[Port].InsertCard(Card)),
        ["a card is pulled out of its slot"] = (
            static profile => MakeSlot(profile, hasCard: true), static host => host[Port].Hardware.PullCard()),
        ["a slot's button is pressed"] = (
            static profile => MakeSlot(profile, hasCard: true), static host => host[Port].Hardware.PressAttentionButton()),
        ["a slot is switched off and on"] = (
            static profile => MakeSlot(profile, hasCard: true),
            SwitchSlotOffAndOn),
        ["a function is removed"] = (MakeDriven, static host => host[Card].Sysfs.BeginWrite("remove", "1")),
        ["a bus is looked through again"] = (
            static profile => After(MakeDriven(profile), static host => host[Card].Sysfs.Write("remove", "1")),
            static host => host.Topology.Sysfs.BeginWrite("rescan", "1")),
        ["a driver takes what it matches"] = (
            static profile => MakeSwitch(profile), static host => host.Drivers.BeginRegister(new ScriptedDriver { Ids = IsEndpoint })),
        ["a driver takes one more kind"] = (
            static profile => After(
                MakeSwitch(profile), static host => host.Drivers.Register(new ScriptedDriver())),
            static host => host.Topology.Sysfs.BeginWrite("drivers/nic/new_id", "8086 10d3")),
        ["a driver lets go"] = (MakeDriven, static host => host[Card].BeginUnbind()),
        ["somebody wakes a card below a switch"] = (
            static profile => MakeSwitch(profile, isAsleep: true), static host => host["0000:03:00.0"].RuntimePm.BeginGetSync()),
        ["vital product data are read"] = (MakeOpen, static host => host[Card].Sysfs.BeginRead("vpd", new UserMemory(8))),
        ["a card asks for power"] = (MakeWakeable, static host => host[Card].Hardware.AssertPme()),
        ["a card without a wire asks for power"] = (
            static profile => MakeWakeable(profile, new HardwareBehavior { SendsNoPme = true }),
            static host => host[Card].Hardware.AssertPme()),
        ["a card is reset while its neighbour sleeps"] = (MakeAsleep, static host => host[Neighbour].Sysfs.BeginWrite("reset", "1")),
        ["a guest uses its device"] = (MakeGuest, static host => host.Guests[0].Driver.BeginUse()),
        ["a guest lets its device sleep"] = (
            static profile => After(MakeGuest(profile), static host => host.Guests[0].Driver.Use()),
            static host => host.Guests[0].Driver.BeginGoIdle()),
    };

    /// <summary>The names, each with each kernel.</summary>
    public static IEnumerable<(string Name, string Profile)> Names =>
        from profile in KernelProfile.All
        from name in All.Keys
        select (name, profile.Name);

    private static TimeSpan Second { get; } = TimeSpan.FromSeconds(1);

    public static SimulatedHost Make(string name, string profile) => All[name].Make(KernelProfile.Parse(profile));

    public static void Begin(string name, SimulatedHost host) => All[name].Begin(host);

    private static SimulatedHost After(SimulatedHost host, Action<SimulatedHost> what)
    {
        what(host);
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        return host;
    }

    /// <summary>Two functions of one card, below a port that can cut their power.</summary>
    private static SimulatedHost MakeCard(KernelProfile profile, HardwareBehavior? behavior = null)
    {
        var host = new SimulatedHost(profile);
        PciDevice port = host.AddRootPort(Port, setup => setup.WithPowerResource().WithWake());
        DeviceImage image = DeviceImages.E1000E.WithPowerManagement(PmeFromAllStates);
        port.AddEndpoint(Card, image, setup => setup
            .WithVitalProductData(0x82, 0x02, 0x00, 0x41, 0x42, 0x78)
            .WithBehavior(behavior ?? HardwareBehavior.Specification));
        port.AddEndpoint(Neighbour, image, static setup => setup.WithIommuGroup(7));
        return host;
    }

    private static void Drive(SimulatedHost host, string address, ScriptedDriver driver)
    {
        host.Drivers.Register(driver);
        host[address].Bind(driver);
    }

    private static SimulatedHost MakeOpen(KernelProfile profile) => After(MakeCard(profile), static host =>
    {
        host.VfioPci.Bind(host[Card]).Open();
        host.VfioPci.Bind(host[Neighbour]).Open();
    });

    private static SimulatedHost MakeAsleep(KernelProfile profile) => After(MakeOpen(profile), static host =>
    {
        VfioDeviceFile file = host.VfioPci[Card].Files[0];
        file.Config.WritePmcsrState(PowerState.D3Hot);
        file.EnterLowPower();
    });

    private static SimulatedHost MakeWakeable(KernelProfile profile) => MakeWakeable(profile, null);

    private static SimulatedHost MakeWakeable(KernelProfile profile, HardwareBehavior? behavior) => After(MakeCard(profile, behavior), static host =>
    {
        host[Card].Sysfs.Write("power/wakeup", "enabled");
        Drive(host, Card, new ScriptedDriver());
    });

    private static SimulatedHost MakeDriven(KernelProfile profile) => MakeDriven(profile, static (_, _) => 0);

    /// <summary>The card is awake, since one that is suspended may be left alone.</summary>
    private static SimulatedHost MakeRefusing(KernelProfile profile, SleepPhase refused) => After(
        MakeDriven(profile, (_, phase) => phase == refused ? -Errno.EBUSY : 0),
        static host => host[Card].Sysfs.Write("power/control", "on"));

    private static SimulatedHost MakeDriven(KernelProfile profile, Func<PciDevice, SleepPhase, KernelCall<int>> sleep) =>
        After(MakeCard(profile), host =>
        {
            Drive(host, Card, new ScriptedDriver { OnSystemSleep = sleep });
            host.VfioPci.Bind(host[Neighbour]).Open();
        });

    private static SimulatedHost MakeSlot(KernelProfile profile, bool hasCard) => After(
        new SimulatedHost(profile),
        host =>
        {
            PciDevice port = host.AddRootPort(Port, static setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot()));
            if (hasCard)
            {
                host.VfioPci.Bind(port.AddEndpoint(Card));
            }
        });

    private static SimulatedHost MakeSwitch(KernelProfile profile, bool isAsleep = false) => After(new SimulatedHost(profile), host =>
    {
        PciDevice below = host.AddRootPort(Port, static setup => setup.WithPowerResource().WithWake())
            .AddUpstreamPort(Card)
            .AddDownstreamPort("0000:02:00.0");
        below.AddEndpoint("0000:03:00.0");
        below.AddEndpoint("0000:03:00.1", DeviceImages.Nvme);
        if (isAsleep)
        {
            Drive(host, "0000:03:00.0", new ScriptedDriver());
        }
    });

    private static SimulatedHost MakeGuest(KernelProfile profile) => After(MakeCard(profile), static host => host
        .Boot(host.VfioPci.Bind(host[Card]).Open(), static vmm => vmm.WithWakeup().WithPowerResource())
        .Driver.GoIdle());

    private static void SwitchSlotOffAndOn(SimulatedHost host)
    {
        host.Topology.Sysfs.Write("slots/1/power", "0").Should().Succeed();
        host.Topology.Sysfs.BeginWrite("slots/1/power", "1");
    }

    private static bool IsEndpoint(PciDevice device) => device.Bridge is null;
}
