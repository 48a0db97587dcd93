namespace VfioPm.Tests;

/// <summary>Work that waits: while it is done, and while the machine goes to sleep, with the queue that it is on or with its guest.</summary>
public sealed class FrozenWorkTests
{
    private readonly RuntimePmCore _core = new();

    private VirtualClock Clock => _core.Clock;

    [Theory]
    [InlineData(nameof(Frozen.Work), nameof(Frozen.Work), true)]
    [InlineData(nameof(Frozen.Work), nameof(Frozen.Interrupts), false)]
    [InlineData(nameof(Frozen.Interrupts), nameof(Frozen.Interrupts), true)]
    [InlineData(nameof(Frozen.None), nameof(Frozen.Work), false)]
    [InlineData(nameof(Frozen.Work), nameof(Frozen.Users), false)]
    public void An_item_waits_where_that_is_frozen_with_which_it_stands_still(string with, string frozen, bool waits)
    {
        var item = new Item(_core.Kernel, Enum.Parse<Frozen>(with));
        Clock.Freeze(Enum.Parse<Frozen>(frozen));

        item.Queue();
        Clock.RunPending();

        item.IsDone.Should().Be(!waits);
        Clock.Thaw(Enum.Parse<Frozen>(frozen));
        Clock.RunPending();
        item.IsDone.Should().BeTrue();
    }

    [Theory]
    [InlineData(nameof(Frozen.Users), true)]
    [InlineData(nameof(Frozen.Work), false)]
    public void An_item_of_a_guest_waits_with_the_guest_and_not_with_the_hosts_queues(string frozen, bool waits)
    {
        var item = new Item(new Kernel(Clock, index: 1), Frozen.Work);
        Clock.Freeze(Enum.Parse<Frozen>(frozen));

        item.Queue();
        Clock.RunPending();

        item.IsDone.Should().Be(!waits);
    }

    [Fact]
    public void A_delayed_item_whose_time_comes_in_the_middle_of_it_is_done_once_more_afterwards()
    {
        TimeSpan time = TimeSpan.FromMilliseconds(10);
        var item = new Item(_core.Kernel, Frozen.None) { Time = time };
        item.Queue();
        Clock.RunPending();
        item.Queue(time / 2);

        Clock.Advance(time / 2);
        item.Begun.Should().Be(1, "it never runs twice at once");
        Clock.Advance(time / 2);
        item.Begun.Should().Be(2);
        Clock.Advance(time);

        (item.Begun, item.IsRunning).Should().Be((2, false));
    }

    /// <summary><c>find_worker_executing_work()</c>: whoever comes to it leaves it to the worker that has it.</summary>
    [Fact]
    public void An_item_that_is_queued_while_it_runs_is_what_its_worker_does_next()
    {
        TimeSpan time = TimeSpan.FromMilliseconds(10);
        List<string> begun = [];
        var item = new Item(_core.Kernel, Frozen.None) { Time = time, OnBegin = () => begun.Add("item") };
        var other = new Item(_core.Kernel, Frozen.None) { OnBegin = () => begun.Add("other") };
        item.Queue();
        Clock.RunPending();
        other.Queue(time);
        item.Queue();

        Clock.Advance(time);

        begun.Should().Equal("item", "item", "other");
        item.IsQueued.Should().BeFalse();
    }

    [Fact]
    public void An_item_that_its_worker_would_do_next_can_be_cancelled()
    {
        var item = new Item(_core.Kernel, Frozen.None) { Time = TimeSpan.FromMilliseconds(10) };
        item.Queue();
        Clock.RunPending();
        item.Queue();
        Clock.RunPending();

        item.Cancel();
        Clock.Advance(TimeSpan.FromSeconds(1));

        item.Should().BeEquivalentTo(new { Begun = 1, IsQueued = false, IsRunning = false });
    }

    /// <summary>It may have the name of another of the host's.</summary>
    [Fact]
    public void An_item_of_a_guest_is_about_none_of_the_hosts_devices()
    {
        HostDeviceOf(_core.Kernel).Should().Be("nic");
        HostDeviceOf(new Kernel(Clock, index: 1)).Should().BeNull();

        static string? HostDeviceOf(Kernel kernel) => ((IEventTarget)new Item(kernel, Frozen.None)).HostDevice;
    }

    /// <summary>The timer of <c>power.suspend_timer</c> runs out on a machine whose <c>pm_wq</c> is frozen; what it asks for waits.</summary>
    [Fact]
    public void What_an_item_has_beside_its_work_does_not_wait_for_the_queue()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        nic.ScheduleSuspend(10);
        Clock.Freeze(Frozen.Work);

        _core.Advance(10);

        nic.Should().BeEquivalentTo(new { RequestPending = true, Request = RuntimePmRequest.Suspend, Status = RuntimeStatus.Active });
        Clock.Thaw(Frozen.Work);
        Clock.RunPending();
        nic.Status.Should().Be(RuntimeStatus.Suspended);
    }

    private sealed class Item(Kernel kernel, Frozen with) : WorkItem
    {
        public TimeSpan Time { get; init; }

        public Action? OnBegin { get; init; }

        public int Begun { get; private set; }

        public bool IsDone { get; private set; }

        public override int Index => 0;

        public override string? Device => "nic";

        protected override Kernel Kernel => kernel;

        protected override Frozen FrozenWith => with;

        public override Cause Describe(int tag) => new("work", null);

        public override IForkable Fork(ForkContext fork) => throw new NotSupportedException();

        protected override async KernelCall Execute()
        {
            Begun++;
            OnBegin?.Invoke();
            await Kernel.Delay(Time);
            IsDone = true;
        }
    }
}
