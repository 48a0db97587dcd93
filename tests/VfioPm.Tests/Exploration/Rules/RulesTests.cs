using VfioPm.AnyCalls;

namespace VfioPm.Tests;

/// <summary>Each rule breaks where somebody meddles with what it is about, and holds in Linux 6.1 where nobody does.</summary>
public sealed class RulesTests
{
    /// <summary>What somebody may meddle with on a host with one open device, and which rule that breaks.</summary>
    private static readonly Dictionary<string, Action<SimulatedHost>> Meddling = new()
    {
        ["unpowered-access"] = static host =>
        {
            Port(host).Hardware.SetPower(false);
            Card(host).Hardware.SetPower(false);
            Card(host).Hardware.ReadConfig(0, 4);
        },
        ["bridge-awake"] = static host => Port(host).Hardware.WriteConfig(Port(host).Hardware.Pm!.ControlStatusOffset, 2, 3),
        ["usage-balanced"] = static host => PmRuntime.GetNoResume(Card(host).RuntimePm),
        ["sleeps-again"] = static host => PmRuntime.PutNoIdle(Card(host).RuntimePm),
        ["guest-view"] = static host =>
        {
            // As after a reset that the virtual copy does not know of.
            File(host).Config.WritePmcsrState(PowerState.D3Hot);
            Card(host).RuntimePm.GetSync();
        },
        ["views-agree"] = static host => Card(host).Hardware.WriteConfig(Card(host).Hardware.Pm!.ControlStatusOffset, 2, 3),
        ["fence-holds"] = static host =>
        {
            File(host).Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
            Card(host).Hardware.SetPower(false);
        },
        ["fence-lifted"] = static host =>
        {
            File(host).Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
            Card(host).Hardware.WriteConfig(PciRegisters.Command, 2, 0);
        },
        ["interrupt-owned"] = static host =>
        {
            File(host).EnableIrqs(VfioIrqIndex.Intx, new EventFd()).IsError.Should().BeFalse();
            File(host).MaskIntx();
            Card(host).Hardware.WriteConfig(PciRegisters.Command, 2, 0);
        },
        ["context-kept"] = static host => Card(host).Hardware.SetPower(false),
        ["reset-resets"] = static host => File(host).Config.WritePmcsrState(PowerState.D3Hot),
        ["unchecked-resume"] = static host =>
        {
            PmRuntime.PutNoIdle(Card(host).RuntimePm);
            Card(host).RuntimePm.Suspend();
            PmRuntime.GetNoResume(Card(host).RuntimePm);
        },
        ["no-wait-forever"] = static host =>
        {
            host.VfioPci.Devices[0].TryLockMemory();
            File(host).BeginReset();
        },
        ["knobs-honoured"] = static host =>
        {
            Card(host).Power.D3ColdAllowed = false;
            Card(host).Hardware.SetPower(false);
        },
    };

    public static TheoryData<string> Meddled => [.. Meddling.Keys];

    [Theory]
    [MemberData(nameof(Meddled))]
    public void It_breaks_where_somebody_meddles(string rule)
    {
        // The RFC has a virtual copy of PMCSR, and defers what it asks for.
        bool isDeferred = rule is "guest-view" or "reset-resets";
        SimulatedHost host = MakeOpen(isDeferred ? KernelProfile.RfcV1 : KernelProfile.Linux6_1);
        if (rule == "usage-balanced")
        {
            File(host).Close();
            host.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        Exploration.Of(host)
            .Where("meddler", host, meddler => meddler
                .Once(h => Meddling[rule](h), name: "meddle")
                .Then(h => File(h).Config.WritePmcsrState(PowerState.D0), isPossible: _ => rule == "reset-resets", name: "D0"))
            .Always(Rules.Parse(rule))
            .Run()
            .Should().Break(Rules.Parse(rule));
    }

    /// <summary>The RFC lets a user ask for D3hot whom the administrator keeps on: nothing is over that he reads.</summary>
    [Fact]
    public void Guest_view_does_not_mind_who_reads_D3hot_of_a_function_that_is_kept_on()
    {
        SimulatedHost host = MakeOpen(KernelProfile.RfcV1);
        Card(host).Sysfs.Write("power/control", "on").Should().Succeed();

        Exploration.Of(host)
            .Where("user", host, static user => user.Once(static h => File(h).Config.BeginWritePmcsrState(PowerState.D3Hot)))
            .Always(Rules.GuestView)
            .Run().Should().HoldInEveryOrder();
    }

    [Fact]
    public void Guest_view_breaks_where_a_user_reads_a_state_that_somebody_else_asked_for()
    {
        SimulatedHost host = MakeOpen(KernelProfile.Linux6_1);

        Exploration.Of(host)
            .Where("meddler", Card(host), static meddler => meddler.Once(
                static card => card.Hardware.WriteConfig(card.Hardware.Pm!.ControlStatusOffset, 2, 3), name: "meddle"))
            .Always(Rules.GuestView)
            .Run().Should().Break(Rules.GuestView).Which.How.Should().Be("the user of 0000:01:00.0 reads D3hot, and did not ask for it");
    }

    [Fact]
    public void Guest_view_holds_where_he_asked_for_it_and_where_the_next_user_did_not()
    {
        SimulatedHost host = MakeOpen(KernelProfile.Linux6_1);

        Exploration.Of(host)
            .Where("user", host.VfioPci.Devices[0], static user => user
                .Once(static d => d.Files[^1].Config.BeginWritePmcsrState(PowerState.D3Hot))
                .Then(static d => d.Files[^1].BeginClose())
                .Then(static d => d.BeginOpen(), isPossible: static d => !d.IsOpen))
            .Always(Rules.GuestView)
            .Run().Should().HoldInEveryOrder();
    }

    [Fact]
    public void Usage_balanced_looks_at_functions_that_no_driver_has_too()
    {
        SimulatedHost host = MakeOpen(KernelProfile.Linux6_1);
        File(host).Close();
        host.VfioPci.Devices[0].Unbind();

        Exploration.Of(host)
            .Where("meddler", Card(host), static meddler => meddler.Once(static card => PmRuntime.GetNoResume(card.RuntimePm), name: "meddle"))
            .Always(Rules.UsageBalanced)
            .Run().Should().Break(Rules.UsageBalanced).Which.How.Should().Be("0000:01:00.0 is unbound with a usage count of 1, and it was 0");
    }

    /// <summary>Two functions are removed, and found again in another order: somebody held one of them.</summary>
    [Fact]
    public void Usage_balanced_takes_no_function_for_one_that_was_removed()
    {
        SimulatedHost host = new(KernelProfile.RfcV1);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        port.AddEndpoint("0000:01:00.0");
        PciDevice held = port.AddEndpoint("0000:01:00.1");
        PmRuntime.GetNoResume(held.RuntimePm);

        Exploration.Of(host)
            .Where("admin", host, admin => admin
                .Once(static h => h.Devices[^1].Sysfs.Write("remove", "1"), name: "remove the last")
                .Then(static h => h.Devices[^1].Sysfs.Write("remove", "1"), name: "remove the other")
                .Then(static h => h.Topology.Sysfs.Write("rescan", "1"), name: "rescan"))
            .Always(Rules.UsageBalanced)
            .Run().Should().HoldInEveryOrder();
    }

    /// <summary>Whoever unbinds a device that is open waits with its lock for a user, who may take his time.</summary>
    [Fact]
    public void No_wait_forever_does_not_mind_who_waits_for_a_lock_of_one_who_waits_for_a_user()
    {
        SimulatedHost host = MakeOpen(KernelProfile.Linux6_1);

        Exploration.Of(host)
            .Where("admin", host, static admin => admin.Once(static h => h.VfioPci.Devices[0].BeginUnbind()))
            .Where("other", Card(host), static other => other.Once(static f => f.Sysfs.BeginWrite("reset", "1")))
            .Always(Rules.NoWaitForever)
            .Run().Should().HoldInEveryOrder();
    }

    [Fact]
    public void No_wait_forever_names_one_of_those_who_wait_for_each_other_and_not_who_comes_behind()
    {
        SimulatedHost host = MakeOpen(KernelProfile.Linux6_1);
        File(host).Close();

        Exploration.Of(host)
            .Where("first", Card(host), static first => first.Once(static f => f.HostConfig.BeginRead(0, new UserMemory(4))))
            .Where("remover", Card(host), static remover => remover.Once(static f => f.Sysfs.BeginWrite("remove", "1")))
            .Where("other", Card(host), static other => other.Once(static f => f.Sysfs.BeginWrite("rescan", "1")))
            .Always(Rules.NoWaitForever)
            .Run().Should().Break(Rules.NoWaitForever)
            .Which.How.Should().Contain("0000:01:00.0: host writes 1 to").And.Contain("holds");
    }

    /// <summary>What he permits is asked when the power goes, and not after all that came of it: he has the function wake up meanwhile.</summary>
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void Context_kept_asks_what_the_user_permitted_when_the_power_went(string profile)
    {
        SimulatedHost host = MakeOpen(KernelProfile.Parse(profile));
        File(host).EnterLowPower(new EventFd());
        host.Clock.Advance(TimeSpan.FromMilliseconds(13));

        Exploration.Of(host)
            .Where("user", host, static user => user.Once(
                static h => File(h).SetIoEventFd(new VfioIoEventFd(region: 0, offset: 0x20, width: 4, data: 1, new EventFd())), name: "ioeventfd"))
            .Always(Rules.ContextKept)
            .Run().Should().HoldInEveryOrder();
    }

    /// <summary>A card out of its slot is no hardware that sleeps: that the kernel looks for it is no mistake of its.</summary>
    [Fact]
    public void A_card_that_is_pulled_out_breaks_no_rule()
    {
        SimulatedHost host = Machines.MakeWithSlot(KernelProfile.Linux6_12);

        Exploration.Of(host)
            .Where("user", host, static user => user.Once(static h => h.VfioPci.Devices[0].BeginOpen(), isPossible: static h => h.VfioPci.Devices.Count > 0))
            .Where("somebody", Port(host), static somebody => somebody.Once(static port => port.Hardware.PullCard()))
            .Always(Rules.All)
            .Run(new() { Depth = 8, States = 2_000 }).Should().HoldInEveryOrder();
    }

    [Fact]
    public void None_breaks_in_Linux_6_1_where_users_use_a_device() => Exploration
        .Of(StandardTopology.Parse("b").Make(KernelProfile.Linux6_1))
        .WithUsers()
        .Always(Rules.All)
        .Run(new() { Depth = 4, States = 2_000 })
        .Should().HoldInEveryOrder();

    [Fact]
    public void Set_accounted_and_what_else_needs_a_kernel_that_does_it_has_a_test_of_its_own() =>
        Rules.All.Select(rule => rule.Id).Except(Meddling.Keys)
            .Should().BeEquivalentTo("set-accounted", "lock-order", "refusal-changes-nothing", "wake-once", "no-lost-update");

    [Fact]
    public void Lock_order_breaks_in_Linux_6_12_and_not_after_the_cure()
    {
        Explore(KernelProfile.Linux6_12).Should().Break(Rules.LockOrder)
            .Which.How.Should().StartWith("possible circular locking dependency: dev_set->lock -> memory_lock -> dev_set->lock");
        Explore(KernelProfile.Linux7_3).Should().HoldInEveryOrder();

        static ExplorationResult Explore(KernelProfile profile)
        {
            SimulatedHost host = StandardTopology.Parse("sriov").Make(profile);
            return Exploration.Of(host)
                .Where("vmm", host.VfioPci.Devices[0], vmm => vmm
                    .Once(d => d.BeginOpen())
                    .Then(d => d.Files[^1].BeginClose(), isPossible: d => d.IsOpen))
                .Where("admin", Card(host), admin => admin.Once(f => f.Sysfs.BeginWrite("sriov_numvfs", "2")))
                .Always(Rules.LockOrder)
                .Run(new() { Depth = 5, States = 500 });
        }
    }

    [Fact]
    public void What_an_actor_throws_is_told_with_what_he_did()
    {
        SimulatedHost host = MakeOpen(KernelProfile.Linux6_1);

        Exploration.Of(host).Where("vmm", host, vmm => vmm.Once(_ => throw new TimeoutException("too late"), name: "wait"))
            .Invoking(exploration => exploration.Run())
            .Should().Throw<InvalidOperationException>().WithMessage("vmm: wait threw: too late");
    }

    [Fact]
    public void Every_rule_has_an_id_a_principle_and_a_source()
    {
        Rules.All.Should().OnlyHaveUniqueItems(rule => rule.Id);
        Rules.All.Should().OnlyContain(rule => rule.Principle.EndsWith('.') && rule.Source.Length > 0);
        FluentActions.Invoking(() => Rules.Parse("none")).Should().Throw<ArgumentException>().WithMessage("*unpowered-access*");
    }

    private static SimulatedHost MakeOpen(KernelProfile profile)
    {
        SimulatedHost host = StandardTopology.Parse("b").Make(profile);
        host.VfioPci.Devices[0].Open();
        return host;
    }

    private static PciDevice Port(SimulatedHost host) => host.Devices[0];

    private static PciDevice Card(SimulatedHost host) => host.Devices[1];

    private static VfioDeviceFile File(SimulatedHost host) => host.VfioPci.Devices[0].Files[^1];
}
