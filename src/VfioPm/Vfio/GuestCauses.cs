namespace VfioPm;

/// <summary>What a guest does to its PMCSR, as a cause in the trace: the same words on every kernel.</summary>
internal static class GuestCauses
{
    public const string AsksForLowPower = "guest asks for low power in PMCSR";
    public const string AsksForD0 = "guest asks for D0 in PMCSR";
}
