namespace VfioPm.Tests;

/// <summary>Arguments that cannot be: each is refused by its name, and changes nothing.</summary>
public sealed class ExtremeArgumentTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds((double)int.MaxValue + 1);

    /// <summary>What is done, by what it is done with.</summary>
    private static readonly Dictionary<string, Action<ExtremeArgumentTests>> Refused = new()
    {
        ["kind: a reset that there is not"] = static test => test._nic.Hardware.Reset((ResetKind)99),
        ["kind: a reset below all"] = static test => test._nic.Hardware.Reset((ResetKind)int.MinValue),
        ["value: a delay below zero"] = static test => test._nic.Hardware.D3HotDelay = new TimeSpan(-1),
        ["value: a delay that no kernel holds"] = static test => test._nic.Hardware.D3ColdDelay = TimeSpan.MaxValue,
        ["width: of a guest's read"] = static test => test._guest.Driver.ReadMemory(0, 0, int.MaxValue),
        ["width: of a guest's write"] = static test => test._guest.Driver.WriteMemory(1, 0, -1, 0),
        ["offset: of a layout's writable bits"] = static test => test._nic.Hardware.Configuration.Layout.WritableAt(0x1000),
        ["offset: of a layout's other bits"] = static test => test._nic.Hardware.Configuration.Layout.WriteOneToClearAt(-1),
        ["offset: of a layout's constant bits"] = static test => test._nic.Hardware.Configuration.Layout.ReadOnlyAt(int.MaxValue),
        ["offset: of a byte beyond the space"] = static test => test._nic.Hardware.Configuration.Read(0x1000, 1),
        ["offset: of a register across its end"] = static test => test._nic.Hardware.Configuration.Read(0xffe, 4),
        ["offset: of a register before it"] = static test => test._nic.Hardware.Configuration.Read(int.MinValue, 2),
        ["width: of a register"] = static test => test._nic.Hardware.Configuration.Read(0, int.MinValue),
        ["width: of a register that a guest is to read"] =
            static test => VfioDeviceCheck.Reads(test._host.VfioPci.Devices[0].Files[0].Config, 0, 5, 0),
        ["offset: of a register that hardware is to have"] = static test => HardwareCheck.HasRegister(test._nic.Hardware, 0xfff, 2, 0),
        ["bar: of a BAR that is nowhere"] = static test => test._nic.Hardware.AddressOf(new Bar(0, 0x1000, BarKind.Memory32, false, 16)),
        ["bar: of a BAR that nobody can decode"] =
            static test => test._nic.Hardware.Decodes(new Bar(6, int.MaxValue, BarKind.Rom, false, 16)),
        ["bootTime: of a host"] = static _ => new SimulatedHost(bootTime: TimeSpan.MaxValue),
        ["time: to wait"] = static test => PciDeviceCheck.IsIn(test._nic, PowerState.D3Hot).Within(new TimeSpan(-1)),
        ["delay: more than the kernel's int"] = static test => test._nic.RuntimePm.ScheduleSuspend(Long),
        ["delay: of autosuspend"] = static test => test._nic.RuntimePm.SetAutosuspendDelay(TimeSpan.MaxValue),
        ["delay: of a guest's autosuspend"] = static test => new VirtualDeviceSetup().WithAutosuspendDelay(TimeSpan.MinValue),
        ["attribute: none to read"] = static test => test._nic.Sysfs.Read(null!),
        ["attribute: none to write"] = static test => test._nic.Sysfs.Write(null!, "1"),
        ["attribute: none to begin to write"] = static test => test._host.Topology.Sysfs.BeginWrite(null!, "1"),
        ["attribute: none to read of the bus"] = static test => test._host.Topology.Sysfs.Read(null!),
        ["attribute: none to read in a guest"] = static test => test._guest.Device.Sysfs.Read(null!),
        ["attribute: none to write in a guest"] = static test => test._guest.Device.Sysfs.Write(null!, "on"),
        ["address: none for a port"] = static test => test._host.AddRootPort(null!),
        ["address: none for a function"] = static test => test._port.AddEndpoint(null!),
        ["address: none of a host's"] = static test => _ = test._host[null!],
        ["address: none of a driver's"] = static test => _ = test._host.VfioPci[null!],
        ["address: none of a guest's"] = static test => _ = test._guest[null!],
        ["duration: of a driver's sleep"] = static test => test._host.Kernel.Sleep(TimeSpan.MinValue),
        ["duration: without end"] = static test => test._host.Kernel.Sleep(TimeSpan.MaxValue),
    };

    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);
    private readonly PciDevice _port;
    private readonly PciDevice _nic;
    private readonly LinuxGuest _guest;

    public ExtremeArgumentTests()
    {
        _port = _host.AddRootPort("0000:00:03.0");
        _nic = _port.AddEndpoint("0000:01:00.0");
        _guest = _host.Boot(_host.VfioPci.Bind(_nic).Open());
    }

    public static TheoryData<string> All => [.. Refused.Keys];

    public void Dispose() => _host.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void It_is_refused_by_name_and_changes_nothing(string what)
    {
        ulong before = _host.ComputeStateHash();
        string name = what[..what.IndexOf(':', StringComparison.Ordinal)];

        FluentActions.Invoking(() => Refused[what](this)).Should().Throw<ArgumentException>().WithParameterName(name);

        _host.ComputeStateHash().Should().Be(before);
    }

    [Fact]
    public void Silence_that_no_clock_sees_the_end_of_is_for_ever()
    {
        PciDevice dead = _host.AddEndpoint("0000:00:05.0", setup: setup => setup.WithBehavior(
            new HardwareBehavior { SilenceAfterFunctionLevelReset = TimeSpan.MaxValue - new TimeSpan(1) }));
        _host.Clock.Advance(TimeSpan.FromSeconds(1));

        dead.Hardware.Reset();

        dead.Hardware.IsSilent.Should().BeTrue();
        dead.Hardware.AnswersAt.Should().BeNull();
    }

    /// <summary>It came out of arithmetic in the middle of a call, or of a text.</summary>
    [Fact]
    public void A_fault_at_the_end_of_time_can_be_told() =>
        new TransitionFault(TimeSpan.MinValue, default, null, 0, Transition.Reset, TimeSpan.MaxValue).ToString()
            .Should().Be("0000:00:00.0: configuration offset 0x0 accessed 1844674407370955.1615 ms before the transition Reset was over");

    [Fact]
    public void A_driver_that_sleeps_without_end_says_so_at_the_end_of_the_call()
    {
        RuntimePmDevice device = _host.RuntimePm.AddActive("custom", callbacks: new DriverCallbacks { SuspendTime = TimeSpan.MaxValue });

        device.Invoking(one => one.Suspend()).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("duration");

        _host.Fork().ComputeStateHash().Should().Be(_host.ComputeStateHash());
    }

    /// <summary>The kernel was asked first, and what was due happened.</summary>
    [Theory]
    [InlineData(0xfff, 2)]
    [InlineData(int.MaxValue, 4)]
    [InlineData(-1, 1)]
    public void A_register_that_a_function_does_not_have_is_refused_before_anything_happens(int offset, int width)
    {
        VfioConfigRegion config = _host.VfioPci.Devices[0].Files[0].Config;
        _nic.RuntimePm.BeginPutSync();
        ulong before = _host.ComputeStateHash();

        config.Invoking(one => one.Read(offset, width)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName(nameof(offset));
        config.Invoking(one => one.Write(offset, width, 0)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName(nameof(offset));

        _host.ComputeStateHash().Should().Be(before);
    }
}
