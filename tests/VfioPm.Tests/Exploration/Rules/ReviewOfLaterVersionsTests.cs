namespace VfioPm.Tests;

/// <summary>
/// What review found in the later versions of the RFC, found by exploring on the profile of the version that has it, and not on
/// those where it is cured (<c>docs/review-findings.md</c>).
/// </summary>
public sealed class ReviewOfLaterVersionsTests
{
    private static readonly Guid Token = new("8d1a5f0e-5c29-4b07-9b9c-6f1a9fd0c5d7");

    [Theory]
    [InlineData("rfc-v1", true)]
    [InlineData("rfc-v2", true)]
    [InlineData("rfc-v3", false)]
    [InlineData("linux-6.1", false)]
    public void V2_1_5_the_loop_after_a_reset_of_a_set_resumes_one_function_for_all(string profile, bool isFlawed) => Judge(
        Exploration.Of(new DeviceSetMachine(KernelProfile.Parse(profile)).Host).WithUsers(),
        isFlawed,
        Rules.SetAccounted,
        "0000:01:00.1 is unused, Suspended and in D0",
        depth: 4);

    [Theory]
    [InlineData("linux-5.10", true)]
    [InlineData("pre-rfc", true)]
    [InlineData("rfc-v2", false)]
    [InlineData("rfc-v3", false)]
    [InlineData("linux-6.1", false)]
    public void V2_3_5_a_reset_in_D3hot_goes_behind_the_drivers_back(string profile, bool isFlawed)
    {
        SimulatedHost host = MakeOpen(profile);
        Judge(
            Exploration.Of(host)
                .Where("guest", Device(host), guest => guest.Once(d => d.Files[^1].Config.BeginWritePmcsrState(PowerState.D3Hot)))
                .Where("vmm", Device(host), vmm => vmm.Once(d => d.Files[^1].BeginReset())),
            isFlawed,
            Rules.FenceLifted,
            "the user of 0000:01:00.0 enabled its memory, and it is not decoded");
    }

    [Theory]
    [InlineData("rfc-v2", true)]
    [InlineData("rfc-v3", true)]
    [InlineData("rfc-v4", false)]
    [InlineData("linux-6.1", false)]
    public void V2_3_5_the_drivers_own_note_of_the_power_state_is_wrong(string profile, bool isFlawed)
    {
        SimulatedHost host = MakeOpen(profile, "c-cold");
        Judge(
            Exploration.Of(host)
                .Where("guest", Device(host), guest => guest.Once(d => d.Files[^1].Config.BeginWritePmcsrState(PowerState.D3Hot)))
                .Where("admin", Device(host).Pci, admin => admin.Once(f => f.Sysfs.BeginWrite("reset", "1"))),
            isFlawed,
            Rules.FenceLifted,
            "the user of 0000:01:00.0 enabled its memory, it is in D0, and he is kept from it");
    }

    [Theory]
    [InlineData("rfc-v1", true)]
    [InlineData("rfc-v2", true)]
    [InlineData("rfc-v3", false)]
    [InlineData("linux-6.1", false)]
    public void V2_5_5_the_interrupt_of_another_is_looked_for_in_a_function_without_power(string profile, bool isFlawed)
    {
        SimulatedHost host = MakeSharingLine(profile);
        Judge(
            Exploration.Of(host)
                .Where("guest", Device(host), AskToSleep)
                .Where("card", host.VfioPci.Devices[1].Pci, card => card.Once(f => f.Hardware.AssertInterrupt())),
            isFlawed,
            Rules.UnpoweredAccess,
            "configuration space of 0000:01:00.0 was accessed in D3cold");
    }

    [Theory]
    [InlineData("rfc-v2", true)]
    [InlineData("rfc-v3", false)]
    [InlineData("rfc-v5", false)]
    [InlineData("linux-6.1", false)]
    public void V2_5_5_who_looks_at_a_device_pins_it_awake_and_its_guest_is_not_told(string profile, bool isFlawed) =>
        Judge(WithLook(MakeOpen(profile)), isFlawed, Rules.WakeOnce, "0000:01:00.0 was woken and is kept awake, and its user, who lets it sleep, was not told");

    /// <summary>The list in the kernel that Alex Williamson refused: the others sleep again.</summary>
    [Theory]
    [InlineData("rfc-v4", 0x10de, true)]
    [InlineData("rfc-v4", 0x8086, false)]
    [InlineData("rfc-v5", 0x10de, false)]
    [InlineData("linux-6.1", 0x10de, false)]
    public void V4_5_6_who_looks_at_a_display_pins_it_awake_and_its_guest_is_not_told(string profile, int vendor, bool isFlawed)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        host.AddRootPort("0000:00:03.0", static port => port.WithPowerResource())
            .AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithIdentity((ushort)vendor, 0x2206, 0x030000));
        host.VfioPci.Bind(host["0000:01:00.0"]).Open();

        Judge(WithLook(host), isFlawed, Rules.WakeOnce, "0000:01:00.0 was woken and is kept awake, and its user, who lets it sleep, was not told");
    }

    [Theory]
    [InlineData("rfc-v3", true)]
    [InlineData("rfc-v4", true)]
    [InlineData("rfc-v5", false)]
    [InlineData("linux-6.1", false)]
    public void V3_8_8_memory_stays_blocked_after_D0_while_low_power_is_permitted(string profile, bool isFlawed)
    {
        SimulatedHost host = MakeOpen(profile);
        Judge(
            Exploration.Of(host)
                .Where("guest", Device(host), static guest =>
                {
                    AskToSleep(guest);
                    guest.Then(d => d.Files[^1].Config.BeginWritePmcsrState(PowerState.D0));
                })
                .Where("admin", Device(host).Pci, admin => admin.Once(f => f.Sysfs.BeginWrite("power/control", "on"))),
            isFlawed,
            Rules.FenceLifted,
            "the user of 0000:01:00.0 enabled its memory, it is in D0, and he is kept from it");
    }

    [Theory]
    [InlineData("linux-5.10", true)]
    [InlineData("pre-rfc", true)]
    [InlineData("rfc-v1", true)]
    [InlineData("rfc-v2", true)]
    [InlineData("rfc-v3", true)]
    [InlineData("rfc-v4", false)]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", false)]
    public void V4_2_4_a_physical_function_sleeps_under_its_virtual_ones(string profile, bool isFlawed)
    {
        SimulatedHost host = MakeOpen(profile, "sriov");
        Device(host).Files[0].SetVfToken(Token);
        Judge(
            Exploration.Of(host)
                .Where("guest", Device(host), guest => guest.Any(d => d.Files[^1].Config.BeginWritePmcsrState(PowerState.D3Hot)))
                .Where("admin", Device(host).Pci, admin => admin.Once(f => f.Sysfs.BeginWrite("sriov_numvfs", "1")))
                .Where("other", host, other => other.Once(
                    h => h.VfioPci.Devices[1].BeginOpen($"vf_token={Token}"), isPossible: h => h.VfioPci.Devices.Count > 1, name: "open")),
            isFlawed,
            Rules.BridgeAwake,
            "0000:01:00.1 counts as in D0, and 0000:01:00.0, whose virtual function it is, is in D3hot",
            depth: 5);
    }

    /// <summary>A rule of one's own: who asked to be told hears of it before the device interrupts him.</summary>
    [Theory]
    [InlineData("rfc-v5", true)]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-7.3", false)]
    public void V5_5_5_the_device_interrupts_before_its_user_is_told_that_it_woke(string profile, bool isFlawed)
    {
        const string ToldFirst = "the user is told first";

        SimulatedHost host = MakeOpen(profile);
        Device(host).Files[0].EnableIrqs(VfioIrqIndex.Intx, new EventFd()).Should().Succeed();
        ExplorationResult result = Exploration.Of(host)
            .Where("guest", Device(host), guest => guest.Once(d => d.Files[^1].BeginEnterLowPower(new EventFd())))
            .Where("admin", Device(host).Pci, admin => admin.Once(f => f.HostConfig.BeginRead(0, new UserMemory(64))))
            .Where("card", Device(host), card => card.Once(
                d => d.Pci.Hardware.AssertInterrupt(),
                isPossible: d => d.Pci is { RuntimeStatus: RuntimeStatus.Resuming, Hardware.PowerState: PowerState.D0 } && d.WakeupEventFd is not null))
            .Always(ToldFirst, h => Device(h).WakeupEventFd is null || Device(h).InterruptEventFd(VfioIrqIndex.Intx)!.Count == 0)
            .Sometimes("it interrupts", h => h.Devices[1].Hardware.InterruptStatus)
            .Run(new() { Depth = 8, Preemptions = 1, States = 3_000 });

        result.Findings.Select(static finding => finding.Rule.Id).Should().Equal(isFlawed ? [ToldFirst] : []);
    }

    /// <summary>Answers that review found wrong or undefined; each is a matter of one call, and not of an order.</summary>
    [Theory]
    [InlineData("rfc-v2", "in D0 22, in D3hot 0, again 0, ended 0, not permitted 0, cannot be woken -EACCES")]
    [InlineData("rfc-v3", "in D0 22, in D3hot 0, again 22, ended 0, not permitted 22, cannot be woken -EACCES")]
    [InlineData("rfc-v4", "in D0 0, in D3hot 0, again -EINVAL, ended 0, not permitted -EINVAL, cannot be woken -EIO")]
    [InlineData("rfc-v5", "in D0 0, in D3hot 0, again -EINVAL, ended 0, not permitted 0, cannot be woken -EIO")]
    [InlineData("linux-6.1", "in D0 0, in D3hot 0, again -EINVAL, ended 0, not permitted 0, cannot be woken -EIO")]
    public void What_the_calls_that_permit_low_power_return(string profile, string answers)
    {
        SimulatedHost host = MakeOpen(profile);
        VfioDeviceFile file = Device(host).Files[0];
        string inD0 = $"in D0 {file.EnterLowPower()}";
        file.ExitLowPower();
        file.Config.WritePmcsrState(PowerState.D3Hot);
        string inD3Hot = $"in D3hot {file.EnterLowPower()}, again {file.EnterLowPower()}";
        string ended = $"ended {file.ExitLowPower()}, not permitted {file.ExitLowPower()}";
        file.Config.WritePmcsrState(PowerState.D3Hot);
        file.EnterLowPower();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        Device(host).Pci.RuntimePm.Disable();

        $"{inD0}, {inD3Hot}, {ended}, cannot be woken {file.GetRegionInfo(0, out _)}".Should().Be(answers);
    }

    /// <summary>Version 3 has a device sleep again that the host woke, although its driver prepares each sleep; version 2 does not.</summary>
    [Theory]
    [InlineData("rfc-v2", PowerState.D0)]
    [InlineData("rfc-v3", PowerState.D3Cold)]
    [InlineData("linux-6.1", PowerState.D3Cold)]
    public void A_device_that_the_host_woke_sleeps_again_without_its_driver(string profile, PowerState expected)
    {
        SimulatedHost host = MakeOpen(profile);
        Device(host).Files[0].Config.WritePmcsrState(PowerState.D3Hot);
        Device(host).Files[0].EnterLowPower();
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        host.Devices[1].HostConfig.Read(0, new byte[64]);
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        host.Devices[1].Should().BeIn(expected);
    }

    /// <summary>With an eventfd, the cure of version 5, he decides.</summary>
    [Fact]
    public void Who_is_told_that_his_device_woke_decides_when_it_sleeps_again()
    {
        SimulatedHost host = MakeOpen("linux-6.1");
        Device(host).Files[0].EnterLowPower(new EventFd());
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        host.Devices[1].Should().BeIn(PowerState.D3Cold);

        host.Devices[1].HostConfig.Read(0, new byte[64]);
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        host.Devices[1].Should().BeIn(PowerState.D0);
    }

    private static void Judge(Exploration exploration, bool isFlawed, Rule rule, string how, int depth = 8)
    {
        ExplorationResult result = exploration.Always(rule).Run(new() { Depth = depth, States = 3_000 });
        if (isFlawed)
        {
            result.Should().Break(rule).Which.How.Should().StartWith(how);
        }
        else
        {
            result.Should().HoldInEveryOrder();
        }
    }

    private static Exploration WithLook(SimulatedHost host) => Exploration.Of(host)
        .Where("guest", Device(host), AskToSleep)
        .Where("admin", Device(host).Pci, admin => admin.Once(f => f.HostConfig.BeginRead(0, new UserMemory(64))));

    private static void AskToSleep(ActorSteps<VfioPciDevice> guest) => guest
        .Once(d => d.Files[^1].Config.BeginWritePmcsrState(PowerState.D3Hot))
        .Then(d => d.Files[^1].BeginEnterLowPower());

    private static VfioPciDevice Device(SimulatedHost host) => host.VfioPci.Devices[0];

    private static SimulatedHost MakeOpen(string profile, string topology = "b")
    {
        SimulatedHost host = StandardTopology.Parse(topology).Make(KernelProfile.Parse(profile));
        Device(host).Open().Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandMaster);
        return host;
    }

    /// <summary>Two cards below two ports, whose pins lead to one line.</summary>
    private static SimulatedHost MakeSharingLine(string profile)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        host.AddRootPort("0000:00:03.0", static port => port.WithPowerResource().WithInterruptLine(40)).AddEndpoint("0000:01:00.0");
        host.AddRootPort("0000:00:04.0", static port => port.WithPowerResource().WithInterruptLine(40)).AddEndpoint("0000:02:00.0");
        foreach (string card in new[] { "0000:01:00.0", "0000:02:00.0" })
        {
            host.VfioPci.Bind(host[card]).Open().EnableIrqs(VfioIrqIndex.Intx, new EventFd()).Should().Succeed();
        }

        return host;
    }
}
