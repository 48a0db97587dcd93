namespace VfioPm;

/// <summary>Why a function's hardware answers nothing: software reads all ones.</summary>
internal static class Silence
{
    /// <summary>The reasons, in sentences without their full stops; none if it answers.</summary>
    public static IEnumerable<string> Of(PciFunction function)
    {
        if (function.IsSilent)
        {
            yield return function.AnswersAt is { } ready
                ? $"the hardware of {function.Address} has power but is not ready until {TimeText.Of(ready)}"
                : $"the hardware of {function.Address} has power but is dead: all ones for ever"
                    + " (the kernel says \"Unable to change power state\")";
        }

        for (PciFunction? above = function.Upstream; above is not null; above = above.Upstream)
        {
            if (!above.IsLinkUp)
            {
                yield return $"the link below {above.Address} is down";
            }
        }
    }

    /// <summary>The same, and what makes even good hardware unreachable: no power, or a bridge that passes nothing on.</summary>
    public static IEnumerable<string> OfAnyKind(PciFunction function)
    {
        if (!function.HasPower)
        {
            yield return $"{function.Address} has no power";
        }

        foreach (string reason in Of(function))
        {
            yield return reason;
        }

        for (PciFunction? above = function.Upstream; above is not null; above = above.Upstream)
        {
            if (above.PowerState != PowerState.D0)
            {
                yield return $"{above.Address} above it is in {above.PowerState.KernelName} and passes nothing on";
            }
        }
    }
}
