namespace VfioPm;

/// <summary>A machine that sleeps, so that its clock stands still while time passes outside (<c>timekeeping_suspend()</c>).</summary>
internal interface IStandstill : IForkable
{
    /// <summary>How much later it wakes by itself; null if it never does.</summary>
    TimeSpan? UntilAlarm { get; }

    /// <summary>So much time passes outside, at most up to the alarm.</summary>
    void Pass(TimeSpan duration);
}
