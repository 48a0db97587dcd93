namespace VfioPm.Tests;

/// <summary>What is pending says what it is, and what happens knows why.</summary>
public sealed class CauseTests
{
    private static readonly Cause Opening = new("open", "nic");

    private readonly RuntimePmCore _core = new();
    private readonly List<Cause?> _causes = [];

    [Theory]
    [InlineData(RuntimePmRequest.Idle, "nic: Idle request on pm_wq")]
    [InlineData(RuntimePmRequest.Suspend, "nic: Suspend request on pm_wq")]
    [InlineData(RuntimePmRequest.Autosuspend, "nic: Autosuspend request on pm_wq")]
    [InlineData(RuntimePmRequest.Resume, "nic: Resume request on pm_wq")]
    [InlineData(RuntimePmRequest.None, "nic: cancelled request on pm_wq")]
    public void A_request_that_waits_is_listed_in_words(RuntimePmRequest request, string words)
    {
        _core.AddActive("nic").Queue(request);

        _core.Clock.Pending.Should().ContainSingle().Which.What.Should().Be(words);
    }

    [Fact]
    public void A_call_that_waits_for_another_is_listed_in_words()
    {
        RuntimePmDevice nic = AddDevice();
        nic.BeginSuspend();

        nic.BeginResume();
        nic.WakeWaiters();

        _core.Clock.Pending.Select(static pending => pending.What).Should()
            .BeEquivalentTo("nic: Rpm.Resume goes on", "nic: DriverCallbacks.InvokeAfter goes on");
    }

    [Fact]
    public void Whoever_queued_work_is_its_cause()
    {
        RuntimePmDevice nic = AddDevice();
        using (_core.Clock.Because(Opening))
        {
            nic.RequestAutosuspend();
        }

        _core.Advance(10);

        _causes.Should().Equal(Opening);
    }

    [Fact]
    public void Whoever_queued_work_is_its_cause_in_a_fork_too()
    {
        RuntimePmDevice nic = AddDevice();
        using (_core.Clock.Because(Opening))
        {
            nic.RequestAutosuspend();
        }

        _core.Fork().Advance(10);

        _causes.Should().Equal(Opening);
    }

    [Fact]
    public void A_cause_holds_for_each_call_that_is_made_because_of_it()
    {
        RuntimePmDevice nic = AddDevice();
        using (_core.Clock.Because(Opening))
        {
            nic.Resume();
            nic.RequestAutosuspend();
        }

        _core.Advance(10);

        _causes.Should().Equal(Opening);
    }

    [Fact]
    public void Work_that_nobody_gave_a_cause_is_its_own()
    {
        AddDevice().RequestAutosuspend();

        _core.Advance(10);

        _causes.Should().Equal(new Cause("Autosuspend request on pm_wq", "nic"));
    }

    [Fact]
    public void A_call_that_slept_goes_on_for_the_same_cause_in_a_fork_too()
    {
        RuntimePmDevice nic = AddDevice();
        using (_core.Clock.Because(Opening))
        {
            nic.BeginSuspend();
        }

        RuntimePmCore fork = _core.Fork();
        fork.Advance(10);
        _core.Advance(10);

        _causes.Should().Equal(Opening, Opening);
    }

    private RuntimePmDevice AddDevice() => _core.AddActive("nic", callbacks: new DriverCallbacks
    {
        SuspendTime = TimeSpan.FromMilliseconds(10),
        Suspend = device =>
        {
            _causes.Add(device.Core.Clock.Cause);
            return 0;
        },
    });
}
