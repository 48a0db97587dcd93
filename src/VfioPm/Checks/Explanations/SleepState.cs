namespace VfioPm;

/// <summary>
/// Whether a device sleeps: runtime PM suspended it, or its function was put in a deeper state past runtime PM.
/// </summary>
internal static class SleepState
{
    public static bool IsAsleep(RuntimePmDevice device) =>
        device.Status == RuntimeStatus.Suspended
        || PciRuntimePm.FunctionOf(device)?.PowerState is > PowerState.D0 and not PowerState.Unknown;
}
