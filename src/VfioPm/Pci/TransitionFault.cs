using System.Globalization;

namespace VfioPm;

/// <summary>Why a function needs time before it may be accessed.</summary>
public enum Transition
{
    /// <summary>None is going on.</summary>
    None,

    /// <summary>It entered or left D2: 200 us (PCI Power Management 1.2, table 5-6).</summary>
    D2,

    /// <summary>It entered or left D3hot: 10 ms (table 5-6).</summary>
    D3Hot,

    /// <summary>It got power: 100 ms (PCI Express Base, section 6.6.1).</summary>
    PowerOn,

    /// <summary>It was reset: 100 ms (PCI Express Base, sections 6.6.1 and 6.6.2).</summary>
    Reset,
}

/// <summary>
/// Software accessed a function before the time it needs was over. The access is carried out all the same;
/// real hardware may do anything then, and often does later.
/// </summary>
/// <param name="Time">When, since boot.</param>
/// <param name="Address">The function.</param>
/// <param name="Bar">The BAR, or null for configuration space.</param>
/// <param name="Offset">Where in configuration space or in the BAR.</param>
/// <param name="Transition">What was not over.</param>
/// <param name="ReadyAt">When it would have been, since boot.</param>
public readonly record struct TransitionFault(
    TimeSpan Time, PciAddress Address, int? Bar, long Offset, Transition Transition, TimeSpan ReadyAt)
{
    /// <summary>"0000:01:00.0: configuration offset 0x4 accessed 8 ms before the transition D3hot was over".</summary>
    public override string ToString()
    {
        string where = Bar is null
            ? "configuration"
            : string.Create(CultureInfo.InvariantCulture, $"BAR {Bar.Value}");
        string name = Transition == Transition.D3Hot ? PowerState.D3Hot.KernelName : Transition.ToString();
        decimal early = ((decimal)ReadyAt.Ticks - Time.Ticks) / TimeSpan.TicksPerMillisecond;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Address}: {where} offset 0x{Offset:x} accessed {early} ms before the transition {name} was over");
    }
}
