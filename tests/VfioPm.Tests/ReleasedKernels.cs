namespace VfioPm.Tests;

/// <summary>The names of profiles that a test is made for, as data of a theory.</summary>
internal static class ReleasedKernels
{
    /// <summary>Those whose sources say it, and that have <c>VFIO_DEVICE_FEATURE_LOW_POWER_*</c>.</summary>
    public static TheoryData<string> WithLowPower => ["linux-6.1", "linux-6.12", "linux-7.3"];
}
