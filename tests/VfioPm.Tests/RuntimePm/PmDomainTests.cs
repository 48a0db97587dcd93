namespace VfioPm.Tests;

/// <summary>Who is asked of a device in a PM domain (<c>__rpm_get_callback()</c>).</summary>
public sealed class PmDomainTests
{
    private readonly List<string> _calls = [];
    private readonly RuntimePmCore _core = new(RuntimePmRules.Linux6_12);

    [Fact]
    public void The_domain_is_called_in_place_of_the_driver_and_calls_it()
    {
        RuntimePmDevice camera = AddCamera();
        camera.Domain = new Island(_calls);

        camera.PutSync();
        camera.GetSync();

        _calls.Should().Equal("suspend", "island off", "island on", "resume");
    }

    [Fact]
    public void What_the_domain_does_not_have_the_driver_is_asked()
    {
        RuntimePmDevice camera = AddCamera();
        camera.Domain = new DriverCallbacks
        {
            Suspend = null,
            Resume = _ =>
            {
                _calls.Add("domain's resume");
                return 0;
            },
        };

        camera.PutSync();
        camera.GetSync();

        _calls.Should().Equal("suspend", "domain's resume");
    }

    [Fact]
    public void A_fork_has_a_domain_of_its_own()
    {
        RuntimePmDevice camera = AddCamera();
        camera.Domain = new Island(_calls);
        camera.PutSync();
        RuntimePmCore fork = _core.Fork();

        fork.Devices[0].GetSync();

        ((Island)fork.Devices[0].Domain!).IsOn.Should().BeTrue();
        ((Island)camera.Domain).IsOn.Should().BeFalse();
    }

    private RuntimePmDevice AddCamera()
    {
        KernelResult Note(string call)
        {
            _calls.Add(call);
            return 0;
        }

        RuntimePmDevice camera = _core.AddDevice("camera", callbacks: new DriverCallbacks { Suspend = _ => Note("suspend"), Resume = _ => Note("resume") });
        camera.SetActive().Should().Succeed();
        camera.Enable();
        camera.GetNoResume();
        return camera;
    }

    /// <summary>Switches power after its device is suspended, and before it is resumed.</summary>
    private sealed class Island(List<string> calls) : RuntimePmCallbacks
    {
        public bool IsOn { get; private set; } = true;

        public override bool Has(RuntimePmCallback callback) => callback != RuntimePmCallback.Idle;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            if (callback == RuntimePmCallback.Suspend)
            {
                int error = await PmRuntime.GenericSuspend(device);
                return error < 0 ? error : Switch(on: false);
            }

            Switch(on: true);
            return await PmRuntime.GenericResume(device);
        }

        public override IForkable Fork(ForkContext fork)
        {
            var copy = new Island(calls) { IsOn = IsOn };
            fork.Register(this, copy);
            return copy;
        }

        public override void AddTo(ref StateHash hash) => hash.Add(IsOn);

        private int Switch(bool on)
        {
            IsOn = on;
            calls.Add(on ? "island on" : "island off");
            return 0;
        }
    }
}
