namespace VfioPm.AnyCalls;

/// <summary>
/// The rules that what people do breaks on a kernel as it is modelled. Explorations tell how (<c>vfio-pm explore</c>); each is the
/// kernel's, the rule's or the model's fault, and stands here until it is known which. A rule that is not named holds.
/// </summary>
internal static class KernelFaults
{
    private static readonly KernelProfile[] All = [.. KernelProfile.All];
    private static readonly KernelProfile[] WithLowPower = [KernelProfile.Linux6_1, KernelProfile.Linux6_12, KernelProfile.Linux7_3];
    private static readonly KernelProfile[] Rfc = [KernelProfile.RfcV1];
    private static readonly KernelProfile[] BeforeLowPower = [KernelProfile.Linux5_10, KernelProfile.PreRfc, KernelProfile.RfcV1];

    private static readonly Dictionary<Rule, KernelProfile[]> Broken = new()
    {
        [Rules.FenceHolds] = BeforeLowPower,
        [Rules.UsageBalanced] = Rfc,
        [Rules.GuestView] = Rfc,
        [Rules.ResetResets] = Rfc,
        [Rules.SetAccounted] = Rfc,
        [Rules.ContextKept] = [.. Rfc, .. WithLowPower],
        [Rules.SleepsAgain] = [.. Rfc, .. WithLowPower],
        [Rules.UnpoweredAccess] = All,
        [Rules.ViewsAgree] = All,
        [Rules.InterruptOwned] = All,
        [Rules.FenceLifted] = All,
    };

    public static bool Has(KernelProfile profile, Rule rule) => Broken.TryGetValue(rule, out KernelProfile[]? profiles) && profiles.Contains(profile);
}
