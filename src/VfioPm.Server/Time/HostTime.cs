namespace VfioPm.Server;

/// <summary>
/// Has a host's virtual time follow a clock on the wall, some times as fast: what is due on the host happens then, and a
/// call that takes the kernel 240 ms is not over before.
/// </summary>
internal sealed class HostTime : IDisposable
{
    private static readonly TimeSpan LongestAlarm = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly VirtualClock _host;
    private readonly HostRecording _recording;
    private readonly TimeProvider _wall;
    private readonly double _speed;
    private readonly long _wallStart;
    private readonly TimeSpan _hostStart;
    private readonly ITimer _alarm;
    private TaskCompletionSource _change = NewChange();

    /// <param name="host">The host's time, which begins here.</param>
    /// <param name="recording">What is under way on the host.</param>
    /// <param name="wall">The clock that it follows.</param>
    /// <param name="speed">How many seconds of the host's pass in one on the wall.</param>
    public HostTime(VirtualClock host, HostRecording recording, TimeProvider wall, double speed)
    {
        _recording = recording;
        _host = host;
        _wall = wall;
        _speed = speed;
        _wallStart = wall.GetTimestamp();
        _hostStart = host.Now;
        _alarm = wall.CreateTimer(
            static time => ((HostTime)time!).CatchUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        CatchUp();
    }

    /// <summary>Told after anything may have happened on the host, on whatever thread.</summary>
    public event Action? Changed;

    /// <summary>
    /// What the host's time should be, in whole milliseconds: recordings have no others, and what somebody does at one moment of
    /// the host's he does at the same in a replay.
    /// </summary>
    private TimeSpan Target => _hostStart + TimeSpan.FromMilliseconds(
        Math.Floor((_wall.GetElapsedTime(_wallStart) * _speed).TotalMilliseconds));

    /// <summary>Lets the time pass that has passed on the wall; what is due later will happen when it is.</summary>
    public void CatchUp()
    {
        TaskCompletionSource change;
        lock (_lock)
        {
            _recording.Pass(_host, Target);
            SetAlarm();
            change = _change;
            _change = NewChange();
        }

        Changed?.Invoke();
        change.SetResult();
    }

    /// <summary>Does something at the time that it is; no other time passes meanwhile than what it takes itself.</summary>
    public void Do(Action act)
    {
        CatchUp();
        lock (_lock)
        {
            act();
        }

        CatchUp();
    }

    /// <summary>Begins a call, and waits until it is over, as its time passes.</summary>
    public async Task<KernelResult> Complete(Func<PendingCall> begin, CancellationToken stop)
    {
        PendingCall call = null!;

        // What it waits for may be due at once, or before all that an alarm is set for.
        Do(() => call = begin());
        while (!call.IsCompleted)
        {
            Task change = NextChange();
            if (!call.IsCompleted)
            {
                await change.WaitAsync(stop);
            }
        }

        return call.Result!.Value;
    }

    /// <summary>Waits until so much of the host's time has passed.</summary>
    public Task Pass(TimeSpan duration, CancellationToken stop) => WaitFor(Target + duration, stop);

    /// <summary>Waits for the wall, where something was done on the host whose time passed at once.</summary>
    public Task WaitForWall(CancellationToken stop) => WaitFor(_host.Now, stop);

    public void Dispose() => _alarm.Dispose();

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task NextChange()
    {
        lock (_lock)
        {
            return _change.Task;
        }
    }

    private async Task WaitFor(TimeSpan end, CancellationToken stop)
    {
        while (OnWall(end - Target) is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _wall, stop);
        }

        CatchUp();
    }

    private void SetAlarm()
    {
        TimeSpan next = _host.Pending is [{ Due: var due }, ..] ? OnWall(due - Target) : LongestAlarm;
        _alarm.Change(next < LongestAlarm ? next : LongestAlarm, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long a time of the host takes on the wall, in whole milliseconds as timers have them.</summary>
    private TimeSpan OnWall(TimeSpan duration) =>
        TimeSpan.FromMilliseconds(Math.Max(Math.Ceiling((duration / _speed).TotalMilliseconds), 0));
}
