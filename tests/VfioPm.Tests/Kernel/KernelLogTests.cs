using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using static VfioPm.Tests.Failure;

namespace VfioPm.Tests;

/// <summary>What the kernel says is the host's to ask, in its trace, and a logger's of the test beside it.</summary>
public sealed class KernelLogTests
{
    private readonly Machine _machine = new(
        KernelProfile.RfcV1, nic: new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever });

    private SimulatedHost Host => _machine.Host;

    public KernelLogTests()
    {
        _machine.Bind();
        Host.Clock.Advance(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void What_the_kernel_says_has_its_time_and_its_device()
    {
        TimeSpan asked = Host.Clock.Now;
        _machine.Port.Sysfs.Write("power/control", "on").Should().Succeed();

        KernelLogLine gaveUp = Host.Log.Where(line => line.Message.EndsWith("giving up", StringComparison.Ordinal)).Should().ContainSingle().Subject;
        gaveUp.Device.Should().Be(_machine.Nic.Name);
        gaveUp.Level.Should().Be(LogLevel.Warning);
        gaveUp.Time.Should().BeGreaterThan(asked + TimeSpan.FromMinutes(1));
        Host.Trace.Entries.Should().Contain(entry =>
            entry.Kind == TraceKind.Log && entry.Time == gaveUp.Time && entry.Message == gaveUp.Message);
        Host.Trace.ToString().Should().Contain($"log: {gaveUp.Message}");
        _machine.Log.Lines.Should().Contain($"Warning {gaveUp.Text}");
    }

    [Fact]
    public void It_can_be_asserted_on()
    {
        Host.Log.Should().HaveNoWarnings().And.NeverSay("giving up");
        _machine.Port.Sysfs.Write("power/control", "on").Should().Succeed();

        Host.Log.Should().Say("0000:01:00.0: not ready 65535ms after resume; giving up");
        MessageOf(() => Host.Log.Should().HaveNoWarnings()).Should().StartWith(
            "Expected the kernel's log to have no warnings, but there is \"[").And.Contain("Its last lines:");
        MessageOf(() => Host.Log.Should().Say("FLR")).Should().Contain("but there is no such line.");
    }

    [Fact]
    public void Silence_is_asked_of_all_of_the_time()
    {
        Action wait = () => Host.Log.Should().Within(TimeSpan.FromMinutes(1)).HaveNoWarnings();

        wait.Should().Throw<InvalidOperationException>().WithMessage("*Throughout*");
        Host.Log.Should().Throughout(TimeSpan.FromMinutes(1)).HaveNoWarnings();
    }

    [Fact]
    public void It_holds_so_many_lines_and_then_the_oldest_go()
    {
        VfioPm.KernelLog log = new(new VirtualClock(), NullLogger.Instance);
        foreach (int number in Enumerable.Range(0, 10_001))
        {
            log.Logger.Log(LogLevel.Information, default, number, null, static (number, _) => $"{number}");
        }

        (log.Count, log[0].Text, log[^1].Text).Should().Be((10_000, "1", "10000"));
        log.Clear();
        log.Count.Should().Be(0);
    }

    [Theory]
    [InlineData(LogLevel.Debug, 0)]
    [InlineData(LogLevel.Information, 1)]
    public void What_is_for_debugging_only_is_not_kept(LogLevel level, int kept)
    {
        VfioPm.KernelLog log = new(new VirtualClock(), NullLogger.Instance);

        log.Logger.Log(level, default, 0, null, static (_, _) => "text");

        log.Count.Should().Be(kept);
        log.Logger.IsEnabled(level).Should().Be(kept > 0);
    }

    [Theory]
    [InlineData(LogLevel.Debug, true)]
    [InlineData(LogLevel.Trace, false)]
    public void What_is_not_kept_a_logger_of_the_tests_is_asked_for(LogLevel level, bool isEnabled)
    {
        VfioPm.KernelLog log = new(new VirtualClock(), new DebugLogger());

        log.Logger.IsEnabled(level).Should().Be(isEnabled);
        log.Logger.IsEnabled(LogLevel.Information).Should().BeTrue();
    }

    [Fact]
    public void A_logger_of_the_tests_that_throws_in_the_middle_of_a_call_wants_nothing()
    {
        bool? isEnabled = null;
        RuntimePmCore core = new(logger: new ThrowingLogger());
        RuntimePmDevice nic = core.AddActive("nic", callbacks: new DriverCallbacks
        {
            Suspend = _ =>
            {
                isEnabled = core.Logger.IsEnabled(LogLevel.Debug);
                return 0;
            },
        });

        nic.Invoking(static device => device.Suspend()).Should().Throw<NotImplementedException>();

        isEnabled.Should().BeFalse();
        nic.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void What_a_logger_of_the_tests_throws_outside_of_calls_comes_out_at_once()
    {
        VfioPm.KernelLog log = new(new VirtualClock(), new ThrowingLogger());

        log.Logger.Invoking(static logger => logger.IsEnabled(LogLevel.Trace)).Should().Throw<NotImplementedException>();
        log.Logger.Invoking(static logger => logger.Log(LogLevel.Error, default, 0, null, static (_, _) => "text"))
            .Should().Throw<NotImplementedException>();
    }

    [Fact]
    public void The_message_of_a_line_is_without_the_devices_name()
    {
        new KernelLogLine(TimeSpan.Zero, LogLevel.Error, "nic", "nic: not ready").Message.Should().Be("not ready");
        new KernelLogLine(TimeSpan.Zero, LogLevel.Error, "", "PM: suspend exit").Message.Should().Be("PM: suspend exit");
        new KernelLogLine(TimeSpan.FromMilliseconds(1024), LogLevel.Error, "nic", "nic: not ready").ToString()
            .Should().Be("[    1.024000] nic: not ready");
    }

    [Fact]
    public void A_fork_has_its_own()
    {
        SimulatedHost copy = Host.Fork();
        copy[_machine.Port.Name].Sysfs.Write("power/control", "on").Should().Succeed();

        copy.Log.Should().Say("giving up");
        Host.Log.Count.Should().Be(0);
    }

    private sealed class DebugLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }
    }

    private sealed class ThrowingLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => throw new NotImplementedException();

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new NotImplementedException();
    }
}
