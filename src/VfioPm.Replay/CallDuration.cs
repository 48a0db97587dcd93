namespace VfioPm;

/// <summary>
/// How much longer or shorter a call may be on a kernel than in the model, in milliseconds. The model takes no processor time for what
/// it does, lets each <c>usleep_range()</c> last to its end, and does not know where in a kernel's time the ticks are.
/// </summary>
internal static class CallDuration
{
    // Two transitions to or from D3hot that end at the beginning of their range, each of 10 to 12 ms.
    private const double MostShorter = 4;

    // A tick, and the processor's time for an open or a close.
    private const double MostLonger = 4 + 4;

    // A sleep of a quarter of a second or more ends with every eighth tick (TimerWheel); of the calls those that wait for a link
    // or a conventional bus have one.
    private const double LongCall = 1000;
    private const double EighthTick = 8 * 4;

    /// <summary>Whether two durations can be of one call.</summary>
    /// <param name="recorded">What the kernel took.</param>
    /// <param name="played">What the model took.</param>
    public static bool Agree(double recorded, double played)
    {
        double more = played < LongCall ? 0 : EighthTick;
        return recorded - played >= -MostShorter - more && recorded - played <= MostLonger + more;
    }
}
