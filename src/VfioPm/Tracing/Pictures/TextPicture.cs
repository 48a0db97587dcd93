using System.Globalization;
using System.Text;

namespace VfioPm;

/// <summary>A picture as text: all that happened, and how long each device was in which state.</summary>
internal static class TextPicture
{
    public static string Write(Picture picture)
    {
        var text = new StringBuilder();
        if (picture.Title.Length > 0)
        {
            text.AppendLine(picture.Title).AppendLine();
        }

        text.Append(picture.ToTimeline()).AppendLine();
        TimeSpan length = picture.End - picture.Begin;
        text.AppendLine(CultureInfo.InvariantCulture, $"From {TimeText.Of(picture.Begin)} to {TimeText.Of(picture.End)}, {TimeText.Of(length)} in all:");
        int nameWidth = picture.Devices.Select(device => device.Title.Length).DefaultIfEmpty().Max();
        foreach (DeviceLanes device in picture.Devices)
        {
            foreach (Lane lane in device.Lanes)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {device.Title.PadRight(nameWidth)}  {lane.Title,-15}  {Durations(lane)}");
            }
        }

        return text.ToString();
    }

    /// <summary>"D0 1.692 s, D3hot 0.024 s": in the order in which the values came first.</summary>
    private static string Durations(Lane lane) => string.Join(", ", lane.Intervals
        .GroupBy(interval => lane.TextOf(interval))
        .Where(value => value.Key.Length > 0)
        .Select(value => $"{value.Key} {TimeText.Of(value.Aggregate(TimeSpan.Zero, (sum, interval) => sum + interval.End - interval.Begin))}"));
}
