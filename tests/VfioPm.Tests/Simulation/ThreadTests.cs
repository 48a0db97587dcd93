using System.Reflection;

namespace VfioPm.Tests;

/// <summary>
/// Several threads of a test on one host. A call holds the host's gate from its first effect to its last: whoever is stopped in the
/// middle of one, by a listener, is stopped alone, and every other public member of the host waits until he goes on.
/// </summary>
public sealed class ThreadTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);
    private readonly PciDevice _port;
    private readonly PciDevice _nic;
    private readonly VfioDeviceFile _file;

    public ThreadTests()
    {
        _port = _host.AddRootPort("0000:00:03.0", port => port.WithPowerResource());
        _nic = _port.AddEndpoint("0000:01:00.0");
        _port.AddEndpoint("0000:01:00.1");
        _file = _host.VfioPci.Bind(_nic).Open();
    }

    /// <summary>What others may do, by a name; each changes the host or looks at what changes.</summary>
    public static TheoryData<string> Others => [.. All.Keys];

    private static Dictionary<string, Action<ThreadTests>> All { get; } = new()
    {
        ["advance"] = static test => test._host.Clock.Advance(Second),
        ["run pending"] = static test => test._host.Clock.RunPending(),
        ["pending"] = static test => _ = test._host.Clock.Pending,
        ["timer"] = static test => test._host.Clock.CreateTimer(static _ => { }, null, Second, Second).Dispose(),
        ["fork"] = static test => test._host.Fork(),
        ["hash"] = static test => test._host.ComputeStateHash(),
        ["trace"] = static test => _ = test._host.Trace.Entries,
        ["timeline"] = static test => _ = test._host.Trace.ToTimeline(),
        ["picture"] = static test => _ = test._host.Trace.ToPicture(),
        ["json"] = static test => _ = test._host.Trace.ToJson(),
        ["clear"] = static test => test._host.Trace.Clear(),
        ["limit"] = static test => test._host.Trace.Limit = 100,
        ["threads"] = static test => _ = test._host.Kernel.Threads,
        ["add port"] = static test => test._host.AddRootPort("0000:00:04.0"),
        ["add endpoint"] = static test => test._host.AddEndpoint("0000:00:05.0"),
        ["add device"] = static test => test._host.RuntimePm.AddDevice("custom"),
        ["bind"] = static test => test._host.VfioPci.Bind(test._host["0000:01:00.1"]),
        ["try open"] = static test => test._host.VfioPci["0000:01:00.0"].TryOpen(out _),
        ["read"] = static test => test._file.Read(0, 0, new byte[4]),
        ["write"] = static test => test._file.Write(0, 0, new byte[4]),
        ["configuration"] = static test => test._file.Config.Read(0, 4),
        ["reset"] = static test => test._file.Reset(),
        ["ioctl"] = static test => test._file.Ioctl((uint)VfioIoctl.DeviceGetInfo, new byte[16]),
        ["map"] = static test => test._file.TryMap(0, 0, 4096, out _),
        ["low power"] = static test => test._file.EnterLowPower(),
        ["irqs"] = static test => test._file.SetIrqs(new VfioIrqSet(VfioIrqIndex.MsiX, VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, count: 0)),
        ["begin"] = static test => test._file.BeginReset(),
        ["get"] = static test => test._nic.RuntimePm.GetSync(),
        ["status"] = static test => test._nic.RuntimePm.SetAutosuspendDelay(100),
        ["sysfs write"] = static test => test._nic.Sysfs.Write("power/control", "on"),
        ["sysfs read"] = static test => test._nic.Sysfs.Read("power/runtime_status"),
        ["host configuration"] = static test => test._nic.HostConfig.Read(0, new byte[4]),
        ["boot"] = static test => test._host.Boot(test._file),
        ["close"] = static test => test._file.Close(),
        ["unbind"] = static test =>
        {
            test._file.Close();
            test._file.Device.Unbind();
        },
    };

    public void Dispose() => _host.Dispose();

    /// <summary>
    /// Deterministic: one thread is held in the middle of a reset by a listener. Another is seen to be blocked (the gate has a
    /// waiter), not to have come through, before the first goes on.
    /// </summary>
    [Theory]
    [MemberData(nameof(Others))]
    public void Nobody_else_comes_in_between(string other)
    {
        using var halt = new Halt();
        _host.Clock.Operations.Add(halt);
        var first = new Thread(() => _file.Reset());
        bool isThrough = false;
        Exception? thrown = null;
        var second = new Thread(() =>
        {
            try
            {
                All[other](this);
            }
            catch (Exception problem)
            {
                thrown = problem;
            }

            isThrough = true;
        });

        first.Start();
        halt.WaitUntilReached();
        second.Start();
        bool wasBlocked = IsBlockedOrThrough(second, () => Volatile.Read(ref isThrough));
        halt.Release();
        first.Join();
        second.Join();

        wasBlocked.Should().BeTrue("\"{0}\" takes the gate", other);
        thrown.Should().BeNull();
    }

    [Fact]
    public void Lists_may_be_gone_through_while_they_change()
    {
        IReadOnlyList<object>[] lists =
        [
            _host.Devices, _host.VfioPci.Devices, _file.Device.Files, _file.Mappings, _host.RuntimePm.Devices, _port.Downstream,
            _host.Guests, _host.Kernel.Threads, _port.Hardware.Downstream, _nic.RuntimePm.Suppliers, _nic.Hardware.Bars,
            _nic.ResetMethods.Methods.Cast<object>().ToArray().AsReadOnly(), _nic.Hardware.Capabilities.Items.Cast<object>().ToArray().AsReadOnly(),
        ];
        int seen = 0;
        foreach (object _ in lists[0])
        {
            _host.AddEndpoint($"0000:00:1{seen}.0");
            seen++;
        }

        seen.Should().Be(3, "those that there were");
        _host.Devices.Should().HaveCount(6);
        lists[0].Should().HaveCount(6, "it is the host's, not a copy");
        foreach (object _ in _host.VfioPci.Devices)
        {
            _host.VfioPci.Bind(_host["0000:01:00.1"]);
        }

        foreach (object _ in _file.Device.Files)
        {
            _file.Close();
        }
    }

    /// <summary>Every list that a public property of the model gives.</summary>
    [Fact]
    public void Lists_cannot_be_changed_whatever_they_are_cast_to()
    {
        object[] roots =
        [
            _host, _host.VfioPci, _file, _file.Device, _host.RuntimePm, _port, _nic, _nic.RuntimePm, _nic.Hardware, _host.Kernel, _host.Trace,
            _host.Topology, _nic.ResetMethods, _nic.Hardware.Capabilities, _nic.Hardware.Image, _host.Clock, _port.Hardware, _host.Kernel.LockOrder,
        ];
        List<string> changeable = [];
        foreach (object root in roots)
        {
            foreach (PropertyInfo property in root.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.GetIndexParameters().Length == 0 && property.PropertyType.IsGenericType
                    && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)))
            {
                if (property.GetValue(root) is System.Collections.IList { IsReadOnly: false })
                {
                    changeable.Add($"{root.GetType().Name}.{property.Name}");
                }
            }
        }

        changeable.Should().BeEmpty();
        FluentActions.Invoking(() => ((ICollection<PciDevice>)_host.Devices).Clear()).Should().Throw<NotSupportedException>();
    }

    /// <summary>In the long run many times as often. Whatever the threads do, time is what was advanced, and counts are back.</summary>
    [Fact]
    public void Threads_lose_no_time_and_no_count()
    {
        const int Threads = 4;
        int rounds = LongRun.Times(300);
        PciDevice[] nics = [_nic, _host["0000:01:00.1"]];
        TimeSpan begin = _host.Clock.Now;
        int usage = _nic.UsageCount;
        var tick = TimeSpan.FromTicks(10);
        using var barrier = new Barrier(Threads);
        List<Exception> thrown = [];
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            barrier.SignalAndWait();
            try
            {
                for (int i = 0; i < rounds; i++)
                {
                    _host.Clock.Advance(tick);
                    switch ((i + number) % 6)
                    {
                        case 0:
                            nics[number % 2].RuntimePm.GetNoResume();
                            nics[number % 2].RuntimePm.PutNoIdle();
                            break;
                        case 1:
                            _ = _host.Trace.Entries.Count(static entry => entry.Kind == TraceKind.UsageCount);
                            _ = _host.Devices.Select(static device => device.Name).Count();
                            break;
                        case 2:
                            using (SimulatedHost fork = _host.Fork())
                            {
                                fork.Clock.Advance(Second);
                            }

                            break;
                        case 3:
                            _host.ComputeStateHash();
                            _ = _host.Trace.ToTimeline().Last(3).ToString();
                            break;
                        case 4:
                            _file.TryMap(0, 0, 4096, out VfioMapping? mapping).Should().Be(KernelResult.Success);
                            mapping!.Unmap();
                            break;
                        default:
                            _host.Trace.Clear();
                            break;
                    }
                }
            }
            catch (Exception problem)
            {
                lock (thrown)
                {
                    thrown.Add(problem);
                }
            }
        })).ToList();

        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());

        thrown.Should().BeEmpty();
        (_host.Clock.Now - begin).Should().Be(Threads * rounds * tick);
        _nic.UsageCount.Should().Be(usage);
        _file.Mappings.Should().BeEmpty();
    }

    [Fact]
    public void Two_threads_add_a_function_to_one_address_once()
    {
        using var barrier = new Barrier(2);
        int refused = 0;
        var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            barrier.SignalAndWait();
            try
            {
                _host.AddEndpoint("0000:00:09.0");
            }
            catch (ArgumentException)
            {
                Interlocked.Increment(ref refused);
            }
        })).ToList();

        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());

        refused.Should().Be(1);
        _host.Devices.Count(device => device.Name == "0000:00:09.0").Should().Be(1);
    }

    /// <summary>What one does with the other's objects is refused before the other's gate is asked for.</summary>
    [Fact]
    public void Two_hosts_crosswise_do_not_wait_for_each_other()
    {
        using var other = new SimulatedHost(KernelProfile.Linux6_1);
        RuntimePmDevice mine = _host.RuntimePm.AddDevice("mine");
        RuntimePmDevice its = other.RuntimePm.AddDevice("its");
        using var both = new Barrier(2);
        int refused = 0;

        void Cross(SimulatedHost host, RuntimePmDevice own, RuntimePmDevice foreign)
        {
            var meet = new Meet(both, () =>
            {
                try
                {
                    own.AddSupplier(foreign);
                }
                catch (ArgumentException)
                {
                    Interlocked.Increment(ref refused);
                }
            });
            host.Clock.Operations.Add(meet);
            host.VfioPci.Bind(host.AddEndpoint("0000:00:1f.0"));
        }

        Thread[] threads = [new(() => Cross(_host, mine, its)), new(() => Cross(other, its, mine))];
        Array.ForEach(threads, static thread => thread.Start());

        threads.Should().AllSatisfy(thread => thread.Join(TimeSpan.FromSeconds(20)).Should().BeTrue("neither waits for the other's gate"));
        refused.Should().Be(2);
    }

    /// <summary>Until the thread has come through or waits; a thread that does neither is running, and will.</summary>
    private static bool IsBlockedOrThrough(Thread thread, Func<bool> isThrough)
    {
        while (true)
        {
            if (isThrough())
            {
                return false;
            }

            if ((thread.ThreadState & ThreadState.WaitSleepJoin) != 0)
            {
                return true;
            }

            Thread.Yield();
        }
    }

    /// <summary>Stops whoever does something for the first time, holding what he holds.</summary>
    private sealed class Halt : IOperationListener, IDisposable
    {
        private readonly ManualResetEventSlim _isReached = new();
        private readonly ManualResetEventSlim _mayGoOn = new();

        public void WaitUntilReached() => _isReached.Wait();

        public void Release() => _mayGoOn.Set();

        public void OnOperation(string what, string device)
        {
            if (!_isReached.IsSet)
            {
                _isReached.Set();
                _mayGoOn.Wait();
            }
        }

        public void OnReturn(string what, string device, int result)
        {
        }

        public IForkable Fork(ForkContext fork) => this;

        public void Dispose()
        {
            _isReached.Dispose();
            _mayGoOn.Dispose();
        }
    }

    /// <summary>Meets the other host's thread in the middle of a call, and does something there.</summary>
    private sealed class Meet(Barrier both, Action act) : IOperationListener
    {
        private bool _hasMet;

        public void OnOperation(string what, string device)
        {
            if (!_hasMet)
            {
                _hasMet = true;
                both.SignalAndWait();
                act();
            }
        }

        public void OnReturn(string what, string device, int result)
        {
        }

        public IForkable Fork(ForkContext fork) => this;
    }
}
