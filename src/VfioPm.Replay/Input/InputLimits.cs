namespace VfioPm;

/// <summary>
/// How much of what somebody gave is read and played before it is refused, so that memory and time are bounded whatever it
/// is: a device that never ends, an archive that unpacks to more than there is. The largest recording of a real kernel has
/// none of them by a tenth. docs/tool.md lists them.
/// </summary>
internal static class InputLimits
{
    /// <summary>Characters of a line.</summary>
    public const int Line = 1 << 20;

    /// <summary>Characters of a recording.</summary>
    public const int Recording = 1 << 24;

    /// <summary>Characters of all recordings in a file, unpacked.</summary>
    public const long Archive = 1 << 30;

    /// <summary>Characters of a dump, a report, or a scenario.</summary>
    public const int Text = 1 << 26;

    /// <summary>Events of a recording, operations of a scenario.</summary>
    public const int Events = 20_000;

    /// <summary>Functions, or devices, of a machine.</summary>
    public const int Devices = 256;

    /// <summary>Orders of timers in which one event is tried. Of those of real kernels one has 282,475.</summary>
    public const int Orders = 1_000_000;

    /// <summary>Bytes that one operation reads or writes.</summary>
    public const int Bytes = 1 << 18;

    /// <summary>From the first event of a recording to the end of the last; what a scenario sleeps.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromHours(24);
}
