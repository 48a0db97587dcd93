namespace VfioPm;

/// <summary>A function keeps its context unless its user gave it up.</summary>
internal sealed class ContextKeptRule() : Rule(
    "context-kept",
    "A function that its user has open keeps its context, unless he put it into D3hot where that loses it, asked for a reset, or"
        + " permitted that it loses its power.",
    "PCI Power Management 1.2, sections 3.2.4 (No_Soft_Reset) and 5.4; VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY (include/uapi/linux/vfio.h)")
{
    public static readonly ContextKeptRule Instance = new();

    private static readonly StatelessWatch Watch = new(Look);

    internal override RuleWatch Begin(SimulatedHost host) => Watch;

    private static string? Look(Moment moment)
    {
        foreach (HardwareReset reset in moment.Hardware.Resets)
        {
            if (reset is { Kind: ResetKind.PowerLoss, IsKept: true })
            {
                return $"{reset.Device.Name} lost its power, and its user was not asked";
            }
        }

        return null;
    }
}
