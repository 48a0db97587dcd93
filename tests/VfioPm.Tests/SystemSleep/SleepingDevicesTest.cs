namespace VfioPm.Tests;

/// <summary>A machine whose devices have no hardware, and note which phases of a sleep they pass through.</summary>
public abstract class SleepingDevicesTest : IDisposable
{
    protected static readonly TimeSpan Night = TimeSpan.FromHours(8);

    protected SimulatedHost Host { get; } = new(KernelProfile.Linux6_12);

    protected List<string> Passed { get; } = [];

    public void Dispose()
    {
        Host.Dispose();
        GC.SuppressFinalize(this);
    }

    protected KernelResult Suspend() => Host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night);

    protected RuntimePmDevice Add(
        string name,
        RuntimePmDevice? parent = null,
        SleepPhase? failing = null,
        int answer = 0,
        DriverSleepFlags flags = DriverSleepFlags.None,
        SimulatedHost? host = null,
        bool isActive = false)
    {
        RuntimePmDevice device = (host ?? Host).RuntimePm.AddDevice(name, parent, new DriverCallbacks
        {
            DriverFlags = flags,
            SystemSleep = (device, phase) =>
            {
                Passed.Add($"{device.Name} {phase}");
                return phase == failing ? -(int)Errno.EIO : phase == SleepPhase.Prepare ? answer : 0;
            },
        });
        if (isActive)
        {
            device.SetActive().Should().Be(KernelResult.Success);
        }

        device.Enable();
        return device;
    }
}
