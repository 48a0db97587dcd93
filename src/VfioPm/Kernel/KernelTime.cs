namespace VfioPm;

/// <summary>Times as the kernel's functions take them.</summary>
internal static class KernelTime
{
    /// <summary>A time in whole milliseconds, where a function takes an <c>int</c> of them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An <c>int</c> does not hold as many.</exception>
    public static int Milliseconds(TimeSpan time, string name) => time.TotalMilliseconds is > int.MinValue - 1.0 and < int.MaxValue + 1.0
        ? (int)time.TotalMilliseconds
        : throw new ArgumentOutOfRangeException(name, time, $"The kernel counts milliseconds in an int, up to {int.MaxValue}.");
}
