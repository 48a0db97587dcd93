namespace VfioPm;

/// <summary>
/// The usage counts of a host's devices at one moment, to find out later whether every get was answered by a put: on
/// that host, or on a fork of it.
/// </summary>
public sealed class UsageBaseline
{
    private readonly RuntimePmCore _core;
    private readonly Dictionary<string, int> _counts = [];

    private UsageBaseline(RuntimePmCore core)
    {
        _core = core;
        Time = core.Clock.Now;
        foreach (RuntimePmDevice device in core.Devices)
        {
            // A test's own devices may be called like others: the first has the name.
            _counts.TryAdd(device.Name, device.UsageCount);
        }
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
    /// <exception cref="ArgumentException">The device is of another host.</exception>
    public int CountOf(RuntimePmDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        RefuseOther(device.Core);
        return _counts.GetValueOrDefault(device.Name);
    }

    /// <summary>How much the device's count has risen since: more than zero is a leak.</summary>
    /// <exception cref="ArgumentException">The device is of another host.</exception>
    public int DifferenceOf(RuntimePmDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.UsageCount - CountOf(device);
    }

    /// <summary>Refuses a host whose counts these are not, though its devices may have the same names.</summary>
    /// <exception cref="ArgumentException">It is neither the same nor a fork.</exception>
    internal void RefuseOther(RuntimePmCore core)
    {
        if (!core.IsKinOf(_core))
        {
            throw new ArgumentException("The usage counts were taken of another host.", nameof(core));
        }
    }
}
