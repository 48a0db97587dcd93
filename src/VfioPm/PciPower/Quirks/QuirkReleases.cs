namespace VfioPm;

/// <summary>Releases of Linux whose <c>drivers/pci/quirks.c</c> was read.</summary>
[Flags]
public enum QuirkReleases
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>6.1, which stands for those before.</summary>
    Linux6_1 = 1,

    /// <summary>6.12.</summary>
    Linux6_12 = 2,

    /// <summary>7.3.</summary>
    Linux7_3 = 4,

    /// <summary>All of them.</summary>
    All = Linux6_1 | Linux6_12 | Linux7_3,
}
