namespace VfioPm;

/// <summary>
/// The usage counts of a host's devices at one moment, to find out later whether every get was answered by a put.
/// </summary>
public sealed class UsageBaseline
{
    private readonly Dictionary<string, int> _counts;

    private UsageBaseline(RuntimePmCore core)
    {
        Time = core.Clock.Now;
        _counts = core.Devices.ToDictionary(device => device.Name, device => device.UsageCount);
    }

    /// <summary>When it was taken.</summary>
    public TimeSpan Time { get; }

    /// <summary>The counts as they are now.</summary>
    public static UsageBaseline Of(RuntimePmCore core)
    {
        ArgumentNullException.ThrowIfNull(core);
        return new UsageBaseline(core);
    }

    /// <summary>What the device's count was; 0 for one that was not there.</summary>
    public int CountOf(RuntimePmDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return _counts.GetValueOrDefault(device.Name);
    }

    /// <summary>How much the device's count has risen since: more than zero is a leak.</summary>
    public int DifferenceOf(RuntimePmDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.UsageCount - CountOf(device);
    }
}
