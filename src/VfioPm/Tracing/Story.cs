using System.Text;

namespace VfioPm;

/// <summary>What a failed check tells of a device: how things are, what stands in the way, and what happened last.</summary>
internal static class Story
{
    private const int Lines = 12;

    public static string Of(PciDevice device, bool withObstacles, params TraceKind[] kinds)
    {
        var text = new StringBuilder();
        text.AppendLine($"Now, at {TimeText.Of(device.Core.Clock.Now)}:");
        for (PciDevice? shown = device; shown is not null; shown = shown.Upstream)
        {
            text.AppendLine($"  {shown}");
        }

        if (withObstacles)
        {
            AppendObstacles(text, device);
        }

        return Append(text, device.RuntimePm, kinds).ToString();
    }

    /// <summary>A guest's device, with the host's function behind it.</summary>
    public static string Of(GuestDevice device)
    {
        var text = new StringBuilder();
        text.AppendLine($"Now, at {TimeText.Of(device.RuntimePm.Core.Clock.Now)}:");
        text.AppendLine($"  {device}");
        text.AppendLine($"  {device.Function}");
        if (device.Virtual.PowerResource is { LastResult: { IsError: true } refused })
        {
            text.AppendLine($"The kernel refused the VMM low power: {refused}.");
        }

        Append(text, device.RuntimePm, [TraceKind.RuntimeStatus, TraceKind.UsageCount]);
        return Append(text, device.Function.RuntimePm, [TraceKind.PowerState, TraceKind.UsageCount]).ToString();
    }

    public static string Of(RuntimePmDevice device, params TraceKind[] kinds)
    {
        var text = new StringBuilder();
        text.AppendLine($"Now, at {TimeText.Of(device.Core.Clock.Now)}: {device}");
        return Append(text, device, kinds).ToString();
    }

    private static void AppendObstacles(StringBuilder text, PciDevice device)
    {
        string[] obstacles = [.. SleepObstacles.Of(device)];
        if (obstacles.Length > 0)
        {
            text.AppendLine("It sleeps no deeper because:");
            foreach (string obstacle in obstacles)
            {
                text.AppendLine($"  {obstacle}");
            }
        }
    }

    private static StringBuilder Append(StringBuilder text, RuntimePmDevice device, TraceKind[] kinds)
    {
        if (HostTrace.Of(device) is not { } trace)
        {
            return text.AppendLine("The trace is off: what happened is not known.");
        }

        return text
            .AppendLine($"What happened to {device.Name} last:")
            .Append(trace.ToTimeline().Of(device.Name).Of(kinds).Last(Lines));
    }
}
