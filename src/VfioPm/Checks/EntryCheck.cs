namespace VfioPm;

/// <summary>That a power state was never entered, in the kernel's or in the hardware's view.</summary>
internal static class EntryCheck
{
    public static StateCheck Make(
        PciDevice device,
        string subject,
        TraceKind view,
        Func<PowerState> present,
        PowerState unexpected,
        TimeSpan? since)
    {
        History history = since is { } begin
            ? History.Of(device.RuntimePm, begin)
            : History.Of(device.RuntimePm);
        TraceEntry? Entry() => history.PowerStates(view)
            .Where(entry => entry.PowerState.After == unexpected && !(entry.Time <= since))
            .Select(entry => (TraceEntry?)entry)
            .FirstOrDefault();

        string sinceWhen = since is { } moment ? $" since {TimeText.Of(moment)}" : "";
        return new StateCheck(
            device.Core.Clock,
            subject: subject,
            expected: $"never to have entered {unexpected.KernelName}{sinceWhen}",
            holds: () => Entry() is null && present() != unexpected,
            found: () => Entry() is { } entry ? $"it did ({entry.Origin})"
                : present() == unexpected ? "it has been there all the time"
                : "it has not",
            explanation: () => Entry() is { } entry
                ? new Story().Now(device).Until(entry.Time, device.RuntimePm, view)
                : new Story().Now(device).Last(device.RuntimePm, view))
        {
            IsLasting = true,
        };
    }
}
