namespace VfioPm.Tests;

/// <summary>Drivers whose callbacks of system sleep take their time, in which other things happen.</summary>
public sealed class WaitingDriverTests
{
    private static readonly TimeSpan CallbackTime = TimeSpan.FromMilliseconds(3);

    public static TheoryData<string, SleepPhase?> Sleeps
    {
        get
        {
            TheoryData<string, SleepPhase?> sleeps = [];
            foreach (string profile in new[] { "linux-6.1", "linux-6.12", "linux-7.3" })
            {
                foreach (SleepPhase? failing in new SleepPhase?[]
                {
                    null, SleepPhase.Prepare, SleepPhase.Suspend, SleepPhase.SuspendLate, SleepPhase.SuspendNoirq, SleepPhase.ResumeEarly,
                })
                {
                    sleeps.Add(profile, failing);
                }
            }

            return sleeps;
        }
    }

    [Theory]
    [MemberData(nameof(Sleeps))]
    public void What_happens_while_a_callback_takes_its_time_changes_nothing(string profile, SleepPhase? failing)
    {
        (List<string> passed, KernelResult result) quiet = Sleep(profile, failing, isQuiet: true);
        (List<string> passed, KernelResult result) busy = Sleep(profile, failing, isQuiet: false);

        busy.passed.Should().Equal(quiet.passed);
        busy.result.Should().Be(quiet.result);
        quiet.result.Errno.Should().Be(failing is null or SleepPhase.ResumeEarly ? null : Errno.EIO);
    }

    /// <summary>The second function has whatever phase it is fail.</summary>
    private static (List<string> Passed, KernelResult Result) Sleep(string profile, SleepPhase? failing, bool isQuiet)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort(Machine.PortAddress);
        List<string> passed = [];
        var driver = new ScriptedDriver
        {
            OnSystemSleep = async (device, phase) =>
            {
                await device.Core.Kernel.Delay(CallbackTime);
                passed.Add($"{device.Name} {phase}");
                return phase == failing && device.Name.EndsWith('1') ? -(int)Errno.EIO : 0;
            },
        };
        host.Drivers.Register(driver);
        for (int function = 0; function < 3; function++)
        {
            PciDevice nic = port.AddEndpoint($"0000:01:00.{function}");
            nic.Bind(driver);
            nic.RuntimePm.GetSync();
        }

        using ITimer? timer = isQuiet ? null : host.Clock.CreateTimer(
            static _ => { }, null, TimeSpan.FromMilliseconds(0.7), TimeSpan.FromMilliseconds(0.7));
        KernelResult result = host.SystemSleep.Suspend(SystemSleepState.Mem, TimeSpan.FromHours(1));
        host.Devices.Should().AllSatisfy(static device => device.RuntimePm.IsEnabled.Should().BeTrue());
        return (passed, result);
    }
}
