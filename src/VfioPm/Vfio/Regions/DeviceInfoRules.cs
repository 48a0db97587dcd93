namespace VfioPm;

/// <summary>What differs between kernels in <c>VFIO_DEVICE_GET_INFO</c>.</summary>
/// <param name="HasAtomicOps">Whether it tells, and enables, the atomic operations that the root port completes.</param>
/// <param name="LengthFor">How many bytes of the structure it fills, by the caller's <c>argsz</c>.</param>
internal sealed record DeviceInfoRules(bool HasAtomicOps, Func<uint, int> LengthFor)
{
    private const int CapabilityOffsetEnd = 20;

    /// <summary>Without capabilities, but with their offset for whoever has room for it.</summary>
    public static DeviceInfoRules WithoutCapabilities { get; } = new(
        false, static size => size >= CapabilityOffsetEnd ? CapabilityOffsetEnd : (int)VfioDeviceInfo.LeastArgumentSize);

    /// <summary>Linux 6.12: as much as the caller has room for.</summary>
    public static DeviceInfoRules Linux6_12 { get; } = new(
        true, static size => (int)Math.Min(size, VfioDeviceInfo.StructureSize));
}
