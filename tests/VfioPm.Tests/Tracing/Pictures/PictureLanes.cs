namespace VfioPm.Tests;

/// <summary>Finding one's way in a picture.</summary>
internal static class PictureLanes
{
    public static Lane Lane(this Picture picture, string device, TraceKind kind) =>
        picture.Devices.Single(known => known.Name == device).Lanes.Single(lane => lane.Kind == kind);

    /// <summary>The values, in words.</summary>
    public static IEnumerable<string> Values(this Picture picture, string device, TraceKind kind)
    {
        Lane lane = picture.Lane(device, kind);
        return lane.Intervals.Select(interval => lane.TextOf(interval));
    }
}
