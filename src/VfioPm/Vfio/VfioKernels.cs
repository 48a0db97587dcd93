namespace VfioPm;

/// <summary>What the vfio-pci of each kernel decides.</summary>
internal static class VfioKernels
{
    public static readonly VfioRules PreRfc = new()
    {
        MakePower = static device => new DirectPower(device),
        HasPmOps = false,
        Configuration = ConfigurationRules.BeforeRfc,
    };

    public static readonly VfioRules RfcV1 = new()
    {
        MakePower = static device => new RfcV1Power(device),
        Configuration = ConfigurationRules.RfcV1,
    };

    public static readonly VfioRules Linux6_1 = new()
    {
        MakePower = static device => new RuntimePower(device),
        HasOwnCallbacks = true,
        Configuration = ConfigurationRules.Linux6_1,
        Features = FeatureSupport.LowPower,
        Latched = LatchedParameters.IdleD3,
    };

    public static readonly VfioRules RfcV5 = Linux6_1 with
    {
        LowPower = LowPowerRules.RfcV5,
        Latched = LatchedParameters.None,
        HoldsForLastResetOnlyWithIdleD3 = true,
        HoldsMemoryWhileEnablingSriov = true,
    };

    public static readonly VfioRules RfcV4 = RfcV5 with { LowPower = LowPowerRules.RfcV4, Features = FeatureSupport.LowPowerWithoutWakeup };

    public static readonly VfioRules RfcV3 = RfcV4 with { LowPower = LowPowerRules.RfcV3, HoldsMemoryWhileEnablingSriov = false };

    public static readonly VfioRules RfcV2 = RfcV3 with
    {
        MakePower = static device => new RfcV2Power(device),
        LowPower = LowPowerRules.RfcV2,
    };

    public static readonly VfioRules Linux6_12 = Linux6_1 with
    {
        Configuration = ConfigurationRules.Linux6_12,
        MsiXGrows = true,
        RefusesOtherNegatives = true,
        DeviceInfo = DeviceInfoRules.Linux6_12,
        WantsGroupsFirst = true,
        FillsHotResetInfoLocked = true,
        LooksAtOwnersOneByOne = true,
        KnowsIommufd = true,
        WidestBarCycle = 8,
        HoldsMemoryWhileEnablingSriov = true,
        Latched = LatchedParameters.None,
        HoldsForLastResetOnlyWithIdleD3 = true,
        PacksFlags = true,
    };

    public static readonly VfioRules Linux7_3 = Linux6_12 with
    {
        Features = FeatureSupport.Linux7_3,
        HoldsMemoryWhileEnablingSriov = false,
        Latched = LatchedParameters.All,
        HoldsForLastResetOnlyWithIdleD3 = false,
        PacksFlags = false,
        HasErrorIrqWithoutExpress = true,
        BindsWithToken = true,
    };
}
