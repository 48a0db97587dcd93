namespace VfioPm;

/// <summary>Reasons in a trace: why each device was awake or asleep, at any moment of it.</summary>
public static class TraceReasons
{
    /// <summary>
    /// Keeps, from now on, why each device is awake or asleep, in the words of a failed check, for pictures that show it
    /// (<see cref="PictureFormat.Html"/>). The model is asked at the end of each moment at which something happened, which takes some
    /// microseconds for each device, and longer the longer the trace is.
    /// </summary>
    public static void KeepReasons(this HostTrace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        lock (trace.Clock.Gate)
        {
            if (trace.Clock.Moments.Find<ReasonLog>() is null)
            {
                trace.Clock.Moments.Add(new ReasonLog(trace.Core));
            }
        }
    }
}
