namespace VfioPm.Tests;

/// <summary>What is explored, and what is said of it.</summary>
public sealed class ExplorationTests
{
    private readonly Machine _machine = new(KernelProfile.Linux6_1);

    [Fact]
    public void The_host_itself_is_not_touched()
    {
        VfioDeviceFile device = _machine.Open();
        ulong before = _machine.Host.ComputeStateHash();

        DStates(device).Run(new() { Depth = 4 });

        _machine.Host.ComputeStateHash().Should().Be(before);
        _machine.Host.Trace.IsEnabled.Should().BeTrue();
        _machine.Host.Kernel.Scheduler.Should().NotBeOfType<StopsEverywhere>();
    }

    [Fact]
    public void It_is_complete_where_nothing_new_can_happen() =>
        DStates(_machine.Open()).Run(new() { Depth = 50 }).IsComplete.Should().BeTrue();

    [Fact]
    public void It_is_not_where_there_are_more_states_than_it_may_look_at() =>
        DStates(_machine.Open()).Run(new() { Depth = 50, States = 2 }).IsComplete.Should().BeFalse();

    [Theory]
    [InlineData("breadth-first")]
    [InlineData("depth-first")]
    [InlineData("random")]
    [InlineData("pct")]
    public void What_is_found_does_not_depend_on_how_many_processors_look(string strategy)
    {
        Run(1).Should().Be(Run(3));

        string Run(int processors) => Exploration.Of(StandardTopology.Parse("b").Make(KernelProfile.RfcV1))
            .WithStandardCrowd()
            .Always(Rules.All)
            .Run(new()
            {
                Depth = 4,
                States = 150,
                Preemptions = 1,
                Seed = 7,
                Processors = processors,
                Strategy = SearchStrategies.Parse(strategy),
            })
            .ToString();
    }

    [Fact]
    public void Calls_that_are_begun_meet_in_every_order_and_calls_that_are_made_do_not()
    {
        VfioDeviceFile device = _machine.Open();

        Meets(begins: true).Should().BeTrue();
        Meets(begins: false).Should().BeFalse();

        bool Meets(bool begins) => Exploration.Of(_machine.Host)
            .Where("vmm", device, vmm => _ = begins ? vmm.Once(d => d.BeginReset()) : vmm.Once(d => d.Reset()))
            .Where("guest", device, guest => guest.Once(d => d.BeginRead(0, 0, new UserMemory(4))))
            .Sometimes("the guest waits for the reset", host => host.Kernel.Threads.Any(thread =>
                thread.WaitsFor == "memory_lock of 0000:01:00.0"))
            .Run()
            .Holds;
    }

    [Fact]
    public void Calls_that_need_not_wait_meet_where_threads_may_be_interrupted()
    {
        VfioDeviceFile device = _machine.Open();

        AreBothInTheMiddle(preemptions: 0).Should().BeFalse();
        AreBothInTheMiddle(preemptions: 2).Should().BeTrue();

        bool AreBothInTheMiddle(int preemptions) => Exploration.Of(_machine.Host)
            .Where("vmm", device, vmm => vmm.Once(d => d.BeginEnterLowPower()))
            .Where("guest", device, guest => guest.Once(d => d.BeginRead(0, 0, new UserMemory(4))))
            .Sometimes("both are in the middle", host => host.Kernel.Threads.Count(thread => !thread.IsWorker) == 2)
            .Run(new() { Preemptions = preemptions })
            .Holds;
    }

    [Fact]
    public void Timers_with_slack_fire_anywhere_in_their_window()
    {
        Machine machine = new(KernelProfile.RfcV1);
        VfioPciDevice bound = machine.Bind();
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(900));
        machine.Nic.RuntimePm.SetAutosuspendDelay(1000);

        Exploration.Of(machine.Host)
            .Where("vmm", bound, vmm => vmm.Once(d => d.BeginOpen()))
            .Sometimes("it sleeps", host => host.Devices[1].RuntimeStatus == RuntimeStatus.Suspended)
            .Sometimes("it is opened first", host => host.VfioPci.Devices[0].IsOpen)
            .Run()
            .Should().HoldInEveryOrder();
    }

    [Fact]
    public void A_rule_that_there_is_already_is_refused_with_all_that_came_with_it()
    {
        Exploration exploration = Exploration.Of(new SimulatedHost()).Always(Rules.FenceHolds);

        exploration.Invoking(all => all.Always(Rules.GuestView, Rules.FenceHolds)).Should().Throw<ArgumentException>()
            .WithMessage("There is a rule \"fence-holds\" already.*").WithParameterName("rules");

        exploration.Always(Rules.GuestView);
    }

    [Fact]
    public void What_never_comes_true_is_told_of_Sometimes_and_Eventually()
    {
        ExplorationResult result = DStates(_machine.Open())
            .Sometimes("D1", host => host.Devices[1].PowerState == PowerState.D1)
            .Eventually("ends", host => host.Devices[1].PowerState == PowerState.D3Hot)
            .Always("counted", host => host.Devices[1].UsageCount > 0)
            .Run();

        result.Findings.Select(finding => finding.Rule.Id).Should().Equal("D1");
    }

    [Fact]
    public void What_does_not_come_true_before_the_end_is_told()
    {
        ExplorationResult result = Exploration.Of(_machine.Host)
            .Where("vmm", _machine.Bind(), vmm => vmm.Once(d => d.BeginOpen()).Then(d => d.Files[^1].BeginClose()))
            .Eventually("it sleeps", host => host.Devices[1].PowerState == PowerState.D3Cold)
            .Eventually("it dreams", host => host.Devices.Count == 3)
            .Run();

        result.Find("it sleeps").Should().BeNull();
        result.Find("it dreams").Should().NotBeNull();
    }

    [Fact]
    public void A_deadlock_of_a_call_that_is_made_is_found()
    {
        VfioPciDevice bound = _machine.Bind();
        bound.TryLockMemory();

        Exploration.Of(_machine.Host)
            .Where("vmm", bound, vmm => vmm.Once(d => d.Open().Reset()))
            .Always(Rules.NoWaitForever)
            .Run()
            .Should().Break(Rules.NoWaitForever);
    }

    [Fact]
    public void Names_are_used_once_and_can_stand_in_a_schedule()
    {
        VfioDeviceFile device = _machine.Open();
        Exploration exploration = DStates(device);

        exploration.Invoking(e => e.Where("guest", device, _ => { })).Should().Throw<ArgumentException>();
        exploration.Invoking(e => e.Where("a; b", device, _ => { })).Should().Throw<ArgumentException>();
        exploration.Invoking(e => e.Where("x", device, x => x.Any(d => d.BeginReset()).Any(d => d.BeginReset())))
            .Should().Throw<ArgumentException>().WithMessage("There is a step \"BeginReset()\" already*");
        exploration.Invoking(e => e.Always(Rules.FenceHolds, Rules.FenceHolds)).Should().Throw<ArgumentException>();
        exploration.Invoking(e => e.Run(new() { Depth = 0 })).Should().Throw<ArgumentOutOfRangeException>();
    }

    private Exploration DStates(VfioDeviceFile device) => Exploration.Of(_machine.Host).Where("guest", device, guest => guest
        .Any(d => d.Config.BeginWritePmcsrState(PowerState.D3Hot))
        .Any(d => d.Config.BeginWritePmcsrState(PowerState.D0)));
}
