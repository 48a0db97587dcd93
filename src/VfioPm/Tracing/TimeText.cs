using System.Globalization;

namespace VfioPm;

/// <summary>How times are written: seconds since boot, to the millisecond.</summary>
internal static class TimeText
{
    public static string Of(TimeSpan time) => time.TotalSeconds.ToString("0.000 's'", CultureInfo.InvariantCulture);
}
