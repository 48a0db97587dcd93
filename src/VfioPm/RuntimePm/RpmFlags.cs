namespace VfioPm;

/// <summary>How a call asks for its operation (<c>RPM_*</c>, <c>include/linux/pm_runtime.h</c>).</summary>
[Flags]
public enum RpmFlags
{
    /// <summary>Now, in the caller's context, waiting for others where need be.</summary>
    None = 0,

    /// <summary>Queue a request; never wait.</summary>
    Async = 0x01,

    /// <summary>Do it now, but do not wait for an operation that is under way.</summary>
    NoWait = 0x02,

    /// <summary>Change the usage count first.</summary>
    GetPut = 0x04,

    /// <summary>Respect the autosuspend delay.</summary>
    Auto = 0x08,

    /// <summary>Succeed where runtime PM is disabled (Linux 6.18).</summary>
    Transparent = 0x10,
}

/// <summary>Asking for a flag without boxing it, as <see cref="Enum.HasFlag"/> does in unoptimized code.</summary>
internal static class RpmFlagsExtensions
{
    public static bool Has(this RpmFlags flags, RpmFlags flag) => (flags & flag) != 0;
}
