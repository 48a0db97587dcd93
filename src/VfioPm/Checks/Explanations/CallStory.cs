namespace VfioPm;

/// <summary>What is told of a call whose result is not as expected: which one it was, why it failed, and what had happened.</summary>
internal static class CallStory
{
    /// <summary>"\"user hot resets\" of 0000:01:00.0", as the subject of a sentence.</summary>
    public static string NameOf(ReturnedCall? call) => call switch
    {
        null => "the call",
        { Operation: { } operation } => $"\"{operation.What}\" of {call.Device}",
        _ => $"the call to {call.Device}",
    };

    /// <summary>What the test calls the devices of the call's host.</summary>
    public static DeviceAliases AliasesOf(ReturnedCall? call) => call?.Clock?.Aliases ?? DeviceAliases.None;

    public static Story Tell(ReturnedCall? call, Errno? error)
    {
        var story = new Story();
        if (error is { } number)
        {
            story.List("The kernel returns that where:", Refusals.Of(call, number));
        }

        if (call is null || HostTrace.Of(call.Clock) is not { } trace)
        {
            return story.Say($"Nobody listened when the call was made: what happened is not known. {HostTrace.Remedy}");
        }

        if (trace.Core.Devices.FirstOrDefault(device => device.Name == call.Device) is not { } device)
        {
            return story.Add("What happened last:", trace.ToTimeline());
        }

        story = PciRuntimePm.FunctionOf(device) is { } function ? story.Now(function).GuessedBars(function) : story.Now(device);
        return story.Last(device, TraceKind.Operation, TraceKind.Failure, TraceKind.PowerState, TraceKind.UsageCount);
    }
}
