namespace VfioPm;

/// <summary>Questions about what happened on a host.</summary>
public static class TraceCheck
{
    /// <summary>
    /// Functions came to power states, in the kernel's view, in this order; other things may have happened in between.
    /// </summary>
    /// <exception cref="ArgumentException">Nothing is expected, or something of a device of another host.</exception>
    public static StateCheck HasSeenInOrder(HostTrace trace, params ReadOnlySpan<(PciDevice Device, PowerState State)> expected) =>
        HasSeenInOrder(trace, [.. expected.ToArray().Select(step => new Step(
            step.Device,
            $"in {step.State.KernelName}",
            entry => entry.Kind == TraceKind.PowerState
                && entry.Device == step.Device.Name
                && entry.PowerState.After == step.State))]);

    /// <summary>
    /// Things happened to functions in this order, in the words of the timeline ("D3hot → D3cold", "opened", "usage 1 → 0",
    /// "guest reads D3hot"); other things may have happened in between.
    /// </summary>
    /// <exception cref="ArgumentException">Nothing is expected, or something of a device of another host.</exception>
    public static StateCheck HasSeenInOrder(HostTrace trace, params ReadOnlySpan<(PciDevice Device, string What)> expected) =>
        HasSeenInOrder(trace, [.. expected.ToArray().Select(step => new Step(
            step.Device,
            step.What,
            entry => entry.Device == step.Device.Name && string.Equals(entry.What, step.What, StringComparison.OrdinalIgnoreCase)))]);

    private static StateCheck HasSeenInOrder(HostTrace trace, Step[] expected)
    {
        ArgumentNullException.ThrowIfNull(trace);
        if (expected.Length == 0)
        {
            throw new ArgumentException("Nothing is expected to have been seen.", nameof(expected));
        }

        if (Array.Find(expected, step => step.Device.Core != trace.Core) is { } stranger)
        {
            throw new ArgumentException(
                $"{stranger.Device.Name} is a device of another host than the trace's.", nameof(expected));
        }

        return new StateCheck(
            trace.Clock,
            subject: "the host",
            expected: $"to have seen {string.Join(", then ", expected.Select(step => step.Name))}",
            holds: () => CountMet(trace, expected) == expected.Length,
            found: () => CountMet(trace, expected) is var met && met == expected.Length ? "it has"
                : met == 0 ? $"{expected[met].Name} never came"
                : $"{expected[met].Name} did not come after that",
            explanation: () => new Story().Add("What happened last:", TimelineFor(trace, expected)));
    }

    private static int CountMet(HostTrace trace, Step[] steps)
    {
        int met = 0;
        foreach (TraceEntry entry in trace.Entries)
        {
            if (met < steps.Length && steps[met].Is(entry))
            {
                met++;
            }
        }

        return met;
    }

    /// <summary>The kinds of things that were expected: a step that never came is looked for among the power states.</summary>
    private static Timeline TimelineFor(HostTrace trace, Step[] steps) => trace.ToTimeline().Of(
    [
        .. trace.Entries
            .Where(entry => steps.Any(step => step.Is(entry)))
            .Select(entry => entry.Kind)
            .Append(TraceKind.PowerState)
            .Distinct(),
    ]);

    private sealed record Step(PciDevice Device, string What, Func<TraceEntry, bool> Is)
    {
        public string Name => $"{Device.Name} {What}";
    }
}
